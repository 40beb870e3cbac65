"""Map by a function of plain columns that gives plain values: only these cross to Python, the rows stay with Spark.

What the function set comes back by kind of value, since its types are known only when all records are through: its
state, and beside it the number, the fraction or the text. What came is counted, and Spark makes columns of it.

The rows are computed once and kept, and so are the results, as the Arrow streams that Python wrote: the function is
called once a record, however often and by whomever its frame is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.companion import companion
from lakeshift.glue_runtime.engine.crossing import crosses
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.native_shape import Counted, is_countable, made_columns
from lakeshift.glue_runtime.engine.paths import Path, column_name
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.row_results import ERROR, NULL, PARTS, STATES, STREAM, Run, part_name, result_type
from lakeshift.glue_runtime.engine.script_function import RowFunction
from lakeshift.glue_runtime.engine.shapes import Shape, framed
from lakeshift.glue_runtime.engine.types import glue_name, is_choice

__all__ = ["ColumnMap", "map_columns"]

_ROW: Final = "\u0002row"


@dataclass(frozen=True)
class ColumnMap:
    """What a Map left: the rows in their new types, and the old ones where the function failed, with why.

    ``failed`` is None where it never did.
    """

    data: DataFrame
    absent: frozenset[Path]
    failed: DataFrame | None
    error: str = ERROR


def map_columns(frame: GlueFrame, function: RowFunction) -> ColumnMap | None:
    """Return what the function makes of the records; None where it needs, or gives, more than plain columns."""
    touched = function.touched
    if touched is None or not touched.returns_record or function.plain is None:
        return None
    crossing = [field.name for field in frame.schema.fields if field.name in touched.fields]
    changed = sorted(touched.changed)
    kept = [f for f in frame.schema.fields if f.name not in touched.changed and not is_hidden(f.name)]
    if not crosses(frame, crossing) or not kept or not all(is_countable(f.dataType) for f in kept):
        return None
    shown = [field.name for field in frame.schema.fields if not is_hidden(field.name)]
    run = Run(
        function.plain, function.record, tuple(crossing), frame.absent, tuple(changed), len(crossing) == len(shown)
    )
    # Fields stay where they are; new ones come last.
    order = [*shown, *[name for name in changed if name not in shown]]
    return _typed(frame, _held(frame, run), order, changed)


def _held(frame: GlueFrame, run: Run) -> Any:
    """Return a lakeshift.glue.HeldRows: the frame's rows with what the function made of each beside them.

    All of it is computed once, at the first use.
    """
    java = companion(frame.spark, "HeldRows")
    kept = frame.data.localCheckpoint(eager=False)
    rows = DataFrame(java.of(kept._jdf).data(), frame.spark)
    marks = {field.name for field in frame.schema.fields if is_hidden(field.name)}
    names = [*run.names, *[hidden_name(n) for n in run.names if hidden_name(n) in marks]]
    # Arrow has no rows without a column.
    given = rows.select(*[F.col(column_name(n)) for n in names] or [F.lit(True).alias(_ROW)])
    streams = given.mapInArrow(run, STREAM).localCheckpoint(eager=False)
    return java.beside(kept._jdf, result_type(run.changed).json(), streams._jdf)


@dataclass(frozen=True)
class _Changed:
    """One field that the function may have set; ``states`` is a place among the answers."""

    at: int
    states: int

    def part(self, kind: str) -> Column:
        """Return one of the columns that crossed for it."""
        return F.col(column_name(part_name(kind, self.at)))

    def shape(self, answers: tuple[Any, ...]) -> Shape:
        """Return the kinds of values that came."""
        states = answers[self.states]
        return {kind: None for kind, state in STATES.items() if states >> state & 1}

    def made(self, target: t.DataType) -> Column:
        """Return the column with the type the values have."""
        if isinstance(target, t.NullType):
            return F.lit(None)
        if not is_choice(target):
            return self._value(target)
        some = [self._value(f.dataType).alias(f.name) for f in target.fields]
        return F.when(self.part("s") > NULL, F.struct(*some))

    def _value(self, target: t.DataType) -> Column:
        number = self.part("n")
        name = glue_name(target)
        value: Mapping[str, Callable[[], Column]] = {
            "int": lambda: number.cast("int"),
            "long": lambda: number,
            "double": lambda: self.part("d"),
            "string": lambda: self.part("t"),
            "boolean": lambda: number == 1,
            "date": lambda: F.date_from_unix_date(number.cast("int")),
            "timestamp": lambda: F.timestamp_micros(number),
        }
        return F.when(self.part("s") == STATES[name], value[name]())

    def explicit_mark(self) -> Column:
        """Return the column that is true where the function set null."""
        return F.when(self.part("s") == NULL, F.lit(True))


def _typed(frame: GlueFrame, held: Any, order: list[str], changed: list[str]) -> ColumnMap | None:
    counted = Counted(frame.absent)
    walked: dict[str, Any] = counted.fields(
        frame.schema, lambda name: F.col(column_name(name)), without=frozenset(changed)
    )
    # Beside the frame's own columns are those of `result_type`.
    strange_at = len(frame.schema.fields)
    error_at, first = strange_at + 1, strange_at + 2
    set_: dict[str, Any] = {
        name: _Changed(at, counted.ask("BITS", (first + at * len(PARTS),))) for at, name in enumerate(changed)
    }
    strange, errors = counted.ask("VALUES", (strange_at,)), counted.ask("VALUES", (error_at,))
    counted.answered(held.counts("\n".join(counted.asked), -1))
    if counted.answers[strange]:
        return None
    good = rows = DataFrame(held.data(), frame.spark)
    failed = None
    if counted.answers[errors]:
        # Seldom: what the records that failed hold does not count.
        counted.answered(held.counts("\n".join(counted.asked), error_at))
        error = F.col(column_name(ERROR))
        good = rows.filter(error.isNull())
        failed = rows.filter(error.isNotNull()).select(
            *[F.col(column_name(name)) for name in frame.schema.names], error.alias(ERROR)
        )
    total = counted.answers[0]
    shapes = counted.shapes(walked, total)
    if total:
        shapes.update({name: one.shape(counted.answers) for name, one in set_.items()})
    fields = {name: shapes[name] for name in order if set(shapes.get(name, {})) - {"absent"}}
    schema, absent = framed({"struct": fields} if total else {})
    return ColumnMap(good.select(*made_columns({**walked, **set_}, schema)), absent, failed)
