"""Finding the script's function in what the library hands to the JVM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cloudpickle
import pytest
from awsglue.dynamicframe import DynamicFrame

from lakeshift.glue_runtime.binding.python_rdd import FrameRDD, FunctionRDD, _enclosed, _wrapper
from lakeshift.glue_runtime.engine.frame import GlueFrame


class Captured(DynamicFrame):  # type: ignore[misc]
    """A frame of the library that only keeps the function it would hand over, as a worker would get it."""

    def __init__(self) -> None:
        self.function: Any = None

    def mapPartitionsWithIndex(self, f: Any, *_options: Any, **_more: Any) -> Captured:
        self.function = cloudpickle.loads(cloudpickle.dumps(f))
        return self


def given(change: Callable[[Captured], Any]) -> Any:
    frame = Captured()
    change(frame)
    return frame.function


def doubled(envelopes: Iterator[Any]) -> Iterator[Any]:
    for envelope in envelopes:
        yield envelope
        yield envelope


@pytest.mark.parametrize(
    ("method", "change"),
    [
        pytest.param("filter", lambda f: f.filter(lambda r: r["a"] > 1), id="filter"),
        pytest.param("map", lambda f: f.map(lambda r: {"b": r["a"]}), id="map"),
    ],
)
def test_the_wrapper_of_map_and_filter_is_found(method: str, change: Any) -> None:
    wrapper = _wrapper(given(change), method)
    assert wrapper is not None
    assert bool(wrapper({"record": {"a": 2}}))
    assert _enclosed(wrapper, "f").__code__.co_varnames == ("r",)


@pytest.mark.parametrize("method", ["filter", "map"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda f: f.mapPartitions(doubled), id="mapPartitions"),
        pytest.param(lambda f: f.mapPartitionsWithIndex(lambda _part, e: doubled(e)), id="mapPartitionsWithIndex"),
    ],
)
def test_a_function_of_a_partition_is_no_wrapper(method: str, change: Any) -> None:
    assert _wrapper(given(change), method) is None


class Function:
    """Stands for the JVM's SimplePythonFunction: its command is a Scala sequence of signed bytes."""

    def __init__(self, command: bytes) -> None:
        self._command = command

    def command(self) -> Function:
        return self

    def mkString(self, separator: str) -> str:
        return separator.join(str(byte - 256 if byte > 127 else byte) for byte in self._command)


def test_the_function_comes_back_from_the_pickled_command() -> None:
    source = FrameRDD(GlueFrame(None))  # type: ignore[arg-type]
    command = cloudpickle.dumps((lambda _part, envelopes: list(envelopes), None, None, None))
    found = FunctionRDD(source, Function(command), lambda: None).function()
    assert found(0, iter([{"record": "ä"}])) == [{"record": "ä"}]
