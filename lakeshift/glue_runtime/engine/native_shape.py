"""What a pass of Python over whole columns would make of them, computed by Spark: shapes, and columns of their types.

The same answer as `arrow_retype` gives, for columns that no Python function touches: an integer is int or long by its
size, a field that no record has is gone, one of nulls alone has the type null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.paths import Path
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.shapes import Shape
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice

__all__ = ["Counted", "fits_int", "integer_column", "is_countable", "made_columns"]

_SMALL: Final = (-(2**31), 2**31 - 1)
_INTS: Final = (t.ByteType, t.ShortType, t.IntegerType)
_DOUBLES: Final = (t.FloatType, t.DoubleType)
_SIMPLE: Final = (*_INTS, t.LongType, *_DOUBLES, t.StringType, t.BooleanType, t.DateType, t.TimestampType)
_WHOLE: Final = (*_SIMPLE, t.DecimalType, t.BinaryType, t.NullType)
Get = Callable[[str], Column]


def is_countable(data_type: t.DataType) -> bool:
    """Whether the columns of a type need no look at their values but for sizes of numbers and for nulls."""
    if isinstance(data_type, t.StructType):
        inner = [f.dataType for f in data_type.fields if not is_hidden(f.name)]
        return bool(inner) and all(map(is_countable, inner))
    if isinstance(data_type, t.ArrayType):
        return type(data_type.elementType) in (*_SIMPLE, t.NullType)
    return type(data_type) in _WHOLE


def fits_int(column: Column) -> Column:
    """Where a long holds no more than 32 bits."""
    return column.between(*_SMALL)


def integer_column(column: Column, target: t.DataType) -> Column:
    """Return integers as ``target``: one size, or a choice of both."""
    if not is_choice(target):
        return column.cast(target.simpleString())
    small = F.when(fits_int(column), column.cast("int")).alias(f"{MARK}int")
    large = F.when(~fits_int(column), column.cast("long")).alias(f"{MARK}long")
    return F.when(column.isNotNull(), F.struct(small, large))


@dataclass
class Counted:
    """Counts over columns: asked for while the columns are walked, answered by one pass, read as shapes.

    ``absent`` are the paths where a null stands for an absent key.
    """

    absent: frozenset[Path]
    asked: list[Column] = field(default_factory=lambda: [F.count(F.lit(1))])
    answers: tuple[Any, ...] = ()

    def ask(self, aggregate: Column) -> int:
        """Ask for an aggregate; its place among the answers."""
        self.asked.append(aggregate)
        return len(self.asked) - 1

    def fields(self, struct: t.StructType, get: Get, path: Path = ()) -> dict[str, Field]:
        """Walk the fields of a struct; asks for what their shapes need."""
        names = {f.name for f in struct.fields}
        found: dict[str, Field] = {}
        for one in struct.fields:
            if is_hidden(one.name):
                continue
            here = (*path, one.name)
            mark = get(hidden_name(one.name)) if hidden_name(one.name) in names else None
            explicit = None if mark is None or here not in self.absent else self.ask(F.count(mark))
            held = self._value(one.dataType, get(one.name), here)
            found[one.name] = Field(held, mark, here in self.absent, explicit)
        return found

    def _value(self, data_type: t.DataType, column: Column, path: Path) -> Value:
        held = self.ask(F.count(column))
        if isinstance(data_type, t.StructType):
            if is_choice(data_type):
                alternatives = [self._value(f.dataType, column.getField(f.name), path) for f in data_type.fields]
                return Value(data_type, column, held, alternatives=tuple(alternatives))
            return Value(data_type, column, held, inner=self.fields(data_type, column.getField, path))
        if isinstance(data_type, t.LongType):
            return Value(data_type, column, held, small=self.ask(F.count(F.when(fits_int(column), True))))
        if isinstance(data_type, t.DecimalType):
            return Value(data_type, column, held, largest=self.ask(F.max(F.abs(column))))
        if isinstance(data_type, t.ArrayType):
            return Value(data_type, column, held, elements=self._elements(data_type.elementType, column))
        return Value(data_type, column, held)

    def _elements(self, data_type: t.DataType, column: Column) -> Mapping[str, int]:
        """Ask which kinds of element there are."""

        def some(test: Callable[[Column], Column]) -> int:
            return self.ask(F.count(F.when(F.exists(column, test), True)))

        kinds = {"null": some(lambda item: item.isNull())}
        if isinstance(data_type, t.NullType):
            return kinds
        if isinstance(data_type, t.LongType):
            return {**kinds, "int": some(fits_int), "long": some(lambda item: ~fits_int(item))}
        return {**kinds, _plain_kind(data_type): some(lambda item: item.isNotNull())}

    def shapes(self, fields: Mapping[str, Field], rows: int) -> Shape:
        """Return the shapes of walked fields, of which ``rows`` records have the struct; one that none has is gone."""
        found: Shape = {}
        for name, one in fields.items():
            shape = self._shape(one, rows)
            if set(shape) != {"absent"}:
                found[name] = shape
        return found

    def _shape(self, one: Field, rows: int) -> Shape:
        held = self.answers[one.value.held]
        missing = rows - held
        explicit = 0 if one.optional else missing
        if one.explicit is not None:
            explicit = self.answers[one.explicit]
        shape = self._kinds(one.value)
        if missing > explicit:
            shape["absent"] = None
        if explicit:
            shape["null"] = None
        return shape

    def _kinds(self, value: Value) -> Shape:
        held = self.answers[value.held]
        if not held:
            return {}
        if value.inner:
            return {"struct": self.shapes(value.inner, held)}
        if value.elements:
            return {"array": {kind: None for kind, at in value.elements.items() if self.answers[at]}}
        if value.small is not None:
            small = self.answers[value.small]
            return {kind: None for kind, number in (("int", small), ("long", held - small)) if number}
        if value.largest is not None:
            largest = self.answers[value.largest].as_tuple()
            scale = -largest.exponent
            return {"decimal": (max(len(largest.digits), scale, 1), scale)}
        if value.alternatives:
            kinds = [self._kinds(alternative) for alternative in value.alternatives]
            return {kind: detail for shape in kinds for kind, detail in shape.items()}
        return {_plain_kind(value.data_type): None}


def _plain_kind(data_type: t.DataType) -> str:
    if isinstance(data_type, _INTS):
        return "int"
    return "double" if isinstance(data_type, _DOUBLES) else glue_name(data_type)


@dataclass(frozen=True)
class Value:
    """One column as it is walked; the numbers are places among the answers."""

    data_type: t.DataType
    column: Column
    held: int
    small: int | None = None
    largest: int | None = None
    inner: Mapping[str, Field] = field(default_factory=dict)
    elements: Mapping[str, int] = field(default_factory=dict)
    alternatives: tuple[Value, ...] = ()

    def made(self, target: t.DataType) -> Column:
        """Return the column with the type its records' shape has."""
        if isinstance(target, t.NullType):
            return F.lit(None)
        if target == self.data_type:
            return self.column
        if self.alternatives:
            return self._chosen(target)
        if isinstance(target, t.StructType) and self.inner:
            return F.when(self.column.isNotNull(), F.struct(*made_columns(self.inner, target)))
        if isinstance(target, t.ArrayType) and isinstance(self.data_type, t.ArrayType):
            element, wanted = self.data_type.elementType, target.elementType
            return F.transform(self.column, lambda item: Value(element, item, 0).made(wanted))
        if isinstance(self.data_type, (*_INTS, t.LongType)):
            return integer_column(self.column, target)
        return self.column.cast(target.simpleString())

    def _chosen(self, target: t.DataType) -> Column:
        """The alternatives that are left, as ``target``: a choice of them, or the only one."""
        if not is_choice(target):
            return self._alternative(target)
        some = [self._alternative(f.dataType).alias(f.name) for f in target.fields]
        return F.when(self.column.isNotNull(), F.struct(*some))

    def _alternative(self, target: t.DataType) -> Column:
        return F.coalesce(*self._alternatives(target))

    def _alternatives(self, target: t.DataType) -> Iterator[Column]:
        kind = glue_name(target)
        for one in self.alternatives:
            if isinstance(one.data_type, t.LongType) and kind in ("int", "long"):
                right = fits_int(one.column) if kind == "int" else ~fits_int(one.column)
                yield F.when(right, one.column.cast(target.simpleString()))
            elif _plain_kind(one.data_type) == kind:
                yield one.made(target)


@dataclass(frozen=True)
class Field:
    """A value with what its nulls mean."""

    value: Value
    mark: Column | None
    optional: bool
    explicit: int | None

    def made(self, target: t.DataType) -> Column:
        """Return the column with the type its records' shape has."""
        return self.value.made(target)

    def explicit_mark(self) -> Column:
        """Return the column that is true where a null is explicit."""
        return F.when(self.value.column.isNull(), F.lit(True)) if self.mark is None else self.mark


def made_columns(fields: Mapping[str, Any], target: t.StructType) -> list[Column]:
    """Return the columns of ``target``, hidden ones and all, from walked fields."""
    made = []
    for one in target.fields:
        if is_hidden(one.name):
            made.append(fields[one.name.removeprefix(hidden_name(""))].explicit_mark().alias(one.name))
        else:
            made.append(fields[one.name].made(one.dataType).alias(one.name))
    return made
