"""Pieces of work for executors; workers import them from here."""

import os
import time

from assets.facts.commitment_schedule import commitment_schedule


def square(number):
    return number * number


def slow_touch(path):
    path.touch()
    time.sleep(0.3)


def slow_schedule(commitments, capacity):
    time.sleep(0.2)
    return commitment_schedule(commitments, capacity)


def who(_number):
    time.sleep(0.05)
    return os.getpid()


def fail_at_three(number):
    if number == 3:
        raise ValueError("three is not allowed")
    return number


def eat(megabytes):
    time.sleep(0.2)
    food = [bytearray(os.urandom(1 << 20)) for _ in range(megabytes)]
    time.sleep(3)
    return len(food)
