# Every kind of block, nested in each other.
def returns(x):
    for i in x:
        try:
            with open(i) as f:
                for line in f:
                    if line:
                        return line
        except OSError as error:
            print(error)
        except (ValueError, TypeError):
            raise
        else:
            return 1
        finally:
            print("done")


def jumps(x):
    while x:
        try:
            try:
                x -= 1
                if x == 3:
                    continue
                if x == 2:
                    break
            finally:
                for i in range(x):
                    if i:
                        break
        except RuntimeError:
            continue
        finally:
            try:
                print(x)
            finally:
                if x == 5:
                    continue
                x -= 2
    else:
        return "never broken"
    with x as a, x as b:
        while True:
            with b:
                if a:
                    break
                return b


def leaves_a_finally():
    while True:
        try:
            1 // 0
        finally:
            break
    for _ in range(3):
        try:
            return 1
        finally:
            continue


async def waits(x):
    async with x as y:
        await y
        return y
    async for z in y:
        async with z:
            if z:
                continue
            break
        try:
            async with z as w:
                yield w
        finally:
            await z
    for z in x:
        async with z:
            continue
