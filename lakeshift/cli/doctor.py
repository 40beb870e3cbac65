"""``doctor``: is this machine able to run it; ``jars``, ``class-data``: what Spark needs beside PySpark."""

from __future__ import annotations

import argparse
import platform
import sys

from lakeshift.errors import LakeshiftError
from lakeshift.jvm import jars as jar_set
from lakeshift.paths import StateFolder

__all__ = ["class_data", "doctor", "jars"]


def doctor(state: StateFolder, _: argparse.Namespace) -> int:
    """One line a need; exit code 1 when one is not met."""
    failed = 0
    print(f"✓ Python       {platform.python_version()} ({sys.executable})")
    try:
        jar_set.check_tools()
        print("✓ Java, Maven  new enough")
    except LakeshiftError as error:
        print(f"✗ {error}")
        failed = 1
    print(f"✓ jars         {jar_set.jar_folder()}")
    print(f"✓ state        {state.root}")
    return failed


def jars(_: StateFolder, __: argparse.Namespace) -> int:
    """Fetch by Maven and build; nothing to do is nothing done."""
    jar_set.build(jar_set.jar_folder())
    return 0


def class_data(_: StateFolder, __: argparse.Namespace) -> int:
    """Leave the JVM's class-data archive by running one small Spark job; nothing to do is nothing done."""
    from lakeshift.glue_runtime.archive import build

    build()
    return 0
