"""What a pass of Python over whole columns would make of them, computed by Spark: shapes, and columns of their types.

The same answer as `arrow_retype` gives, for columns that no Python function touches: an integer is int or long by its
size, a field that no record has is gone, one of nulls alone has the type null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.paths import Path
from lakeshift.glue_runtime.engine.presence import hidden_name, is_hidden
from lakeshift.glue_runtime.engine.shapes import Shape
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice

__all__ = ["Counted", "is_countable", "made_columns"]

_SMALL: Final = (-(2**31), 2**31 - 1)
_INTS: Final = (t.ByteType, t.ShortType, t.IntegerType)
_DOUBLES: Final = (t.FloatType, t.DoubleType)
_SIMPLE: Final = (*_INTS, t.LongType, *_DOUBLES, t.StringType, t.BooleanType, t.DateType, t.TimestampType)
_WHOLE: Final = (*_SIMPLE, t.DecimalType, t.BinaryType, t.NullType)
Get = Callable[[str], Column]
Place = tuple[int, ...]
"""Numbers of fields, from the row inwards."""


def is_countable(data_type: t.DataType) -> bool:
    """Whether the columns of a type need no look at their values but for sizes of numbers and for nulls."""
    if isinstance(data_type, t.StructType):
        inner = [f.dataType for f in data_type.fields if not is_hidden(f.name)]
        return bool(inner) and all(map(is_countable, inner))
    if isinstance(data_type, t.ArrayType):
        return type(data_type.elementType) in (*_SIMPLE, t.NullType)
    return type(data_type) in _WHOLE


def _fits_int(column: Column) -> Column:
    """Where a long holds no more than 32 bits."""
    return column.between(*_SMALL)


def _integer_column(column: Column, target: t.DataType) -> Column:
    """Return integers as ``target``: one size, or a choice of both."""
    if not is_choice(target):
        return column.cast(target.simpleString())
    small = F.when(_fits_int(column), column.cast("int")).alias(f"{MARK}int")
    large = F.when(~_fits_int(column), column.cast("long")).alias(f"{MARK}long")
    return F.when(column.isNotNull(), F.struct(small, large))


@dataclass
class Counted:
    """Counts over columns: asked for while the columns are walked, answered by one pass, read as shapes.

    ``absent`` are the paths where a null stands for an absent key. What can be asked is in lakeshift.glue.Count.
    """

    absent: frozenset[Path]
    asked: list[str] = field(default_factory=lambda: ["ROWS"])
    answers: tuple[Any, ...] = ()

    def ask(self, what: str, place: Place) -> int:
        """Ask for a count at a place; its own place among the answers."""
        self.asked.append(f"{what} {'.'.join(map(str, place))}")
        return len(self.asked) - 1

    def answered(self, text: str) -> None:
        """Take the answers as lakeshift.glue.Count writes them."""
        given = zip(text.split(" "), self.asked, strict=True)
        self.answers = tuple(_largest(word) if ask.startswith("LARGEST ") else int(word) for word, ask in given)

    def fields(
        self, struct: t.StructType, get: Get, path: Path = (), place: Place = (), without: frozenset[str] = frozenset()
    ) -> dict[str, Field]:
        """Walk the fields of a struct but those in ``without``; asks for what their shapes need."""
        places = {one.name: at for at, one in enumerate(struct.fields)}
        found: dict[str, Field] = {}
        for at, one in enumerate(struct.fields):
            if is_hidden(one.name) or one.name in without:
                continue
            here, hidden = (*path, one.name), hidden_name(one.name)
            mark = get(hidden) if hidden in places else None
            explicit = None
            if mark is not None and here in self.absent:
                explicit = self.ask("VALUES", (*place, places[hidden]))
            held = self._value(one.dataType, get(one.name), here, (*place, at))
            found[one.name] = Field(held, mark, here in self.absent, explicit)
        return found

    def _value(self, data_type: t.DataType, column: Column, path: Path, place: Place) -> Value:
        held = self.ask("VALUES", place)
        if isinstance(data_type, t.StructType):
            if is_choice(data_type):
                alternatives = [
                    self._value(f.dataType, column.getField(f.name), path, (*place, at))
                    for at, f in enumerate(data_type.fields)
                ]
                return Value(data_type, column, held, alternatives=tuple(alternatives))
            return Value(data_type, column, held, inner=self.fields(data_type, column.getField, path, place))
        if isinstance(data_type, t.LongType):
            return Value(data_type, column, held, small=self.ask("SMALL", place))
        if isinstance(data_type, t.DecimalType):
            return Value(data_type, column, held, largest=self.ask("LARGEST", place))
        if isinstance(data_type, t.ArrayType):
            return Value(data_type, column, held, elements=self._elements(data_type.elementType, place))
        return Value(data_type, column, held)

    def _elements(self, data_type: t.DataType, place: Place) -> Mapping[str, int]:
        """Ask which kinds of element there are."""
        kinds = {"null": self.ask("NULLS_IN", place)}
        if isinstance(data_type, t.NullType):
            return kinds
        if isinstance(data_type, t.LongType):
            return {**kinds, "int": self.ask("SMALL_IN", place), "long": self.ask("LARGE_IN", place)}
        return {**kinds, _plain_kind(data_type): self.ask("VALUES_IN", place)}

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


def _largest(word: str) -> Decimal | None:
    return None if word == "-" else Decimal(word)


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
            return _integer_column(self.column, target)
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
                right = _fits_int(one.column) if kind == "int" else ~_fits_int(one.column)
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
