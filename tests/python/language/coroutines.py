async def co(): return 5
try: co().send(None)
except StopIteration as e: print(e.value)
async def co2(): return await co() + 1
try: co2().send(None)
except StopIteration as e: print(e.value)
