import time
from machine import Pin

led = Pin(2, Pin.OUT)
button = Pin(3, Pin.IN, Pin.PULL_UP)
print(led, button, button.value())
led.value(1)
print(led.value(), button())
led.off()
print(led(), button())
led.toggle()
print(led.value())
led(0)
events = []


def pressed(pin):
    events.append((pin, pin.value()))


button.irq(handler=pressed, trigger=Pin.IRQ_RISING)
led.on()
time.sleep_ms(1)
led.off()
time.sleep_ms(1)
led.on()
time.sleep_ms(1)
print(events)
button.irq(handler=None)
led.off()
led.on()
time.sleep(0.01)
print(len(events))
for bad in (lambda: Pin(99), lambda: Pin(1, 77), lambda: Pin("x"), lambda: button.irq(5)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
