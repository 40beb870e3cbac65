"""Python row functions as the library hands them over: through an RDD of envelopes that is never made.

`DynamicFrame.map` and `filter` of the library wrap the script's function, and build a ``PipelinedRDD`` on what
``javaToPython`` gave. Here that is a stand-in; ``PythonRDD`` on the view of the JVM takes the function that pyspark has
pickled for its workers out again, and the engine runs it batch by batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cloudpickle
from pyspark import SparkContext
from pyspark.broadcast import Broadcast

from lakeshift.glue_runtime.engine.arrow_decode import records_of
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.row_functions import (
    Envelope,
    RowFunction,
    Site,
    filter_rows,
    map_rows,
    run_envelopes,
)
from lakeshift.glue_runtime.engine.touched import touched_by

__all__ = ["FrameRDD", "FunctionRDD", "PythonRDD", "run"]

Partition = Callable[[int, Iterator[Envelope]], Any]


class FrameRDD:
    """Stands for the JavaRDD of a frame's pickled envelopes; made for real only when something else is done with it."""

    def __init__(self, frame: GlueFrame) -> None:
        self._frame = frame
        self._real: Any = None

    @property
    def frame(self) -> GlueFrame:
        """The frame whose records it holds."""
        return self._frame

    def id(self) -> int:
        """No RDD of the JVM has this number."""
        return -1

    def rdd(self) -> FrameRDD:
        """Itself: JavaRDD and RDD are one here."""
        return self

    def isBarrier(self) -> bool:  # noqa: N802 - the JVM's name
        """No."""
        return False

    def real(self) -> Any:
        """The JavaRDD of pickled envelopes."""
        if self._real is None:
            absent = self._frame.absent

            def pickled(batches: Iterable[Any]) -> Iterator[Any]:
                import pyarrow as pa

                for batch in batches:
                    columns = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
                    records = records_of(columns, batch.num_rows, absent, columns)
                    texts = [cloudpickle.dumps({"record": record}) for record in records]
                    yield pa.RecordBatch.from_arrays([pa.array(texts, pa.binary())], names=["record"])

            rows = self._frame.data.mapInArrow(pickled, "record binary")
            self._real = rows.rdd.map(lambda row: cloudpickle.loads(row.record))._jrdd
        return self._real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real(), name)


class FunctionRDD:
    """Stands for the JavaRDD of what a Python function made of a frame's envelopes."""

    def __init__(self, source: FrameRDD, function: Any, real: Callable[[], Any]) -> None:
        self.frame, self._function, self._make = source.frame, function, real

    def asJavaRDD(self) -> FunctionRDD:  # noqa: N802 - the JVM's name
        """Itself."""
        return self

    def rdd(self) -> FunctionRDD:
        """Itself."""
        return self

    def isBarrier(self) -> bool:  # noqa: N802 - the JVM's name
        """No."""
        return False

    def real(self) -> Any:
        """The JavaRDD of the JVM, as pyspark would have made it."""
        return self._make().asJavaRDD()

    def function(self) -> Partition:
        """The function (partition number, envelopes) as a worker would get it."""
        # A Scala sequence of signed bytes; as text it is one call away.
        signed = str(self._function.command().mkString(",")).split(",")
        command: Any = cloudpickle.loads(bytes(int(byte) & 0xFF for byte in signed))
        if isinstance(command, Broadcast):
            command = cloudpickle.loads(command.value)
        function: Partition = command[0]
        return function

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real(), name)


class PythonRDD:
    """Spark's PythonRDD, except where it is given one of the stand-ins."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __call__(self, parent: Any, function: Any, *rest: Any) -> Any:
        """Make the RDD of a Python function."""
        if isinstance(parent, FrameRDD):
            return FunctionRDD(parent, function, lambda: self._real(parent.real().rdd(), function, *rest))
        return self._real(_real_of(parent), function, *rest)

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._real, name)

        def call(*arguments: Any) -> Any:
            return member(*[_real_of(argument) for argument in arguments])

        return call


def _real_of(argument: Any) -> Any:
    return argument.real().rdd() if isinstance(argument, FrameRDD | FunctionRDD) else argument


def _enclosed(function: Any, name: str) -> Any:
    """What the closure of ``function`` calls ``name``."""
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents


def _wrapper(partition: Any, method: str) -> Any:
    """The library's wrapper around the script's function, where ``partition`` is what its ``method`` makes."""
    inside = f"DynamicFrame.{method}.<locals>."
    try:
        function = _enclosed(partition, "f") if method == "filter" else partition
        if function.__qualname__ != f"{inside}func":
            return None
        wrapper = _enclosed(function, "wrap_dict_with_dynamic_records")
    except (AttributeError, ValueError, TypeError):
        return None
    return wrapper if wrapper.__qualname__ == f"{inside}wrap_dict_with_dynamic_records" else None


def _record_type(wrapper: Any) -> Any:
    """The library's DynamicRecord, which the wrapper makes of a record."""
    return wrapper.__globals__["_create_dynamic_record"].__globals__["DynamicRecord"]


def run(origin: GlueFrame, given: Any, site: Site) -> GlueFrame:
    """Return the frame of what the function behind ``given`` makes of ``origin``'s records."""
    if not isinstance(given, FunctionRDD):
        return _of_pickled(origin, given, site)
    partition = given.function()
    for method, work in (("filter", filter_rows), ("map", map_rows)):
        wrapper = _wrapper(partition, method)
        if wrapper is not None:
            script = _enclosed(wrapper, "f")
            made = RowFunction(wrapper, touched_by(script), script, _record_type(wrapper))
            return work(given.frame, made, site)
    return run_envelopes(given.frame, partition, site)


def _of_pickled(origin: GlueFrame, jrdd: Any, site: Site) -> GlueFrame:
    """An RDD of pickled envelopes that pyspark made on its own: a function of a function, or cached before."""
    from pyspark import RDD
    from pyspark.sql import types as t

    context = SparkContext.getOrCreate()
    envelopes: Any = RDD(jrdd, context, context.serializer)
    schema = t.StructType([t.StructField("envelope", t.BinaryType())])
    texts = envelopes.map(lambda envelope: (cloudpickle.dumps(envelope),))
    frame = GlueFrame(origin.spark.createDataFrame(texts, schema, verifySchema=False), origin.name)

    def unpickled(_part: int, rows: Iterator[Envelope]) -> Iterator[Envelope]:
        return (cloudpickle.loads(bytes(row["record"]["envelope"])) for row in rows)

    made = run_envelopes(frame, unpickled, site)
    return origin.derive(made.data, absent=made.absent, new=made.errors[-1], loose=False)
