"""The sample's own ``flights_clean``, killed at the point that ``--kill_at`` names; without one it just runs.

A point is ``<module>:<name>:<before|after>:<nth>`` (the nth call of a function the run makes), ``api:<operation>:…``
(the nth call of an AWS operation), or ``seconds:<s>``. ``--kill`` says what dies: the ``driver`` (this process, at
once) or the ``jvm`` (Spark, in the middle of whatever it does).
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any


def argument(name: str) -> str:
    """An argument's value, empty where it is not given."""
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else ""


def die() -> None:
    """End as a machine that loses power would end this process, or Spark's."""
    if argument("--kill") == "jvm":
        from pyspark import SparkContext

        SparkContext._jvm.java.lang.Runtime.getRuntime().halt(137)  # type: ignore[union-attr]
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    """A function that kills before or after its nth call."""

    def __init__(self, function: Callable[..., Any], when: str, nth: int) -> None:
        self.function, self.when, self.left = function, when, nth
        functools.update_wrapper(self, function)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.left -= 1
        if self.left == 0 and self.when == "before":
            die()
        result = self.function(*args, **kwargs)
        if self.left == 0 and self.when == "after":
            die()
        return result


def arm(point: str) -> None:
    """Put the kill in its place."""
    if point.startswith("seconds:"):
        threading.Timer(float(point.partition(":")[2]), die).start()
        return
    module, name, when, nth = point.split(":")
    if module == "api":
        arm_operation(name, when, int(nth))
        return
    owner: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    setattr(owner, last, Deadly(owner.__dict__[last], when, int(nth)))


def arm_operation(operation: str, when: str, nth: int) -> None:
    """Kill around the nth call of an AWS operation, whoever makes it."""
    from botocore.client import BaseClient

    call = BaseClient._make_api_call
    deadly = Deadly(call, when, nth)

    def make(self: Any, name: str, parameters: Any) -> Any:
        return (deadly if name == operation else call)(self, name, parameters)

    BaseClient._make_api_call = make


if __name__ == "__main__":
    from jobs import flights_clean

    if argument("--kill_at"):
        arm(argument("--kill_at"))
    flights_clean.main()
