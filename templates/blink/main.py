"""Blinks the LED on pin 15, and says so."""

import time

from machine import Pin

PERIOD_MS = 250

led = Pin(15, Pin.OUT)

while True:
    led.value(1 - led.value())
    print("on" if led.value() else "off")
    time.sleep_ms(PERIOD_MS)
