"""Counts presses of the button on pin 0, which connects the pin to ground."""

import time

from machine import Pin

presses = 0


def pressed(pin):
    global presses
    presses += 1
    print("press {}, the pin reads {}".format(presses, pin.value()))


button = Pin(0, Pin.IN, Pin.PULL_UP)
button.irq(trigger=Pin.IRQ_FALLING, handler=pressed)

print("press the button three times")
while presses < 3:
    time.sleep_ms(10)
print("done")
