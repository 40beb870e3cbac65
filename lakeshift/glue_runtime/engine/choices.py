"""ResolveChoice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, split_path
from lakeshift.glue_runtime.engine.presence import hidden_name
from lakeshift.glue_runtime.engine.rewrite import Fields, cast, failing, plain, resolve_to_structs, rewrite
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice

__all__ = ["match_catalog", "resolve_all", "resolve_specs", "to_data"]

_Action = Callable[["_Place"], Fields | None]


@dataclass(frozen=True)
class _Place:
    """A field to resolve; ``absent`` takes the new paths where a null will stand for an absent key."""

    path: Path
    data_type: t.DataType
    column: Column
    optional: bool
    absent: set[Path] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.path[-1]


def _make_cols(place: _Place) -> Fields | None:
    if not is_choice(place.data_type):
        return None
    made = []
    for alternative in place.data_type.fields:
        name = f"{place.name}_{alternative.name.removeprefix(MARK)}"
        place.absent.add((*place.path[:-1], name))
        made.append((name, place.column.getField(alternative.name)))
    return made


def _make_struct(place: _Place) -> Fields | None:
    if not is_choice(place.data_type):
        return None
    place.absent.update((*place.path, f.name.removeprefix(MARK)) for f in place.data_type.fields)
    return [(place.name, plain(place.column, place.data_type))]


def _project(wanted: str) -> _Action:
    """Keep the values of one type and discard the others.

    The PySpark page says the others are converted, the page of the transform and the Scala page that they are
    discarded; here they are.
    """
    target = parse_type(wanted)

    def project(place: _Place) -> Fields | None:
        if not is_choice(place.data_type):
            return None
        kept = next((f for f in place.data_type.fields if f.name == MARK + glue_name(target)), None)
        return [(place.name, F.lit(None).cast(target) if kept is None else place.column.getField(kept.name))]

    return project


def _cast(wanted: str) -> _Action:
    target = parse_type(wanted)

    def to_type(place: _Place) -> Fields:
        value = cast(place.column, place.data_type, target)
        failed = None if value is place.column else failing(place.column, place.data_type, value)
        marks = [(hidden_name(place.name), failed)] if place.optional and failed is not None else []
        return [(place.name, value), *marks]

    return to_type


def _action(text: str) -> _Action:
    """Read an action.

    Raises:
        ValueError: it is none of the documented ones.
    """
    verb, _, argument = text.partition(":")
    match verb.strip().lower():
        case "make_cols":
            return _make_cols
        case "make_struct":
            return _make_struct
        case "project" if argument:
            return _project(argument)
        case "cast" if argument:
            return _cast(argument)
    raise ValueError(f"Invalid resolve action {text}. Use cast:type, project:type, make_cols or make_struct.")


def _resolve(frame: GlueFrame, chosen: Callable[[Path, t.DataType], _Action | None]) -> GlueFrame:
    """Resolve every field for which ``chosen`` has an action."""
    absent = set(frame.absent)

    def rule(path: Path, data_type: t.DataType, column: Column) -> Fields | None:
        action = chosen(path, data_type)
        return action(_Place(path, data_type, column, path in frame.absent, absent)) if action else None

    data = rewrite(frame.data, rule)
    return frame.derive(data, absent=frozenset(absent))


def resolve_specs(frame: GlueFrame, specs: Iterable[tuple[str, str]]) -> GlueFrame:
    """Resolve the named paths, one after the other; ``cast`` works on fields that are no choice, too.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ResolveChoice.html
    """
    resolved = frame
    for path_text, action_text in specs:
        wanted, action = split_path(path_text), _action(action_text)
        resolved = _resolve(resolved, _only_at(wanted, action))
    return frame.derive(resolved.data, absent=resolved.absent)


def _only_at(wanted: Path, action: _Action) -> Callable[[Path, t.DataType], _Action | None]:
    return lambda path, _data_type: action if path == wanted else None


def resolve_all(frame: GlueFrame, choice: str) -> GlueFrame:
    """Resolve every choice by one action."""
    action = _action(choice)
    return _resolve(frame, lambda _path, data_type: action if is_choice(data_type) else None)


def match_catalog(frame: GlueFrame, columns: dict[str, str]) -> GlueFrame:
    """Cast each choice at the top level to the type that the catalog has for the column; others stay."""
    types = {name.lower(): text for name, text in columns.items()}

    def chosen(path: Path, data_type: t.DataType) -> _Action | None:
        known = len(path) == 1 and is_choice(data_type) and types.get(path[0].lower())
        return _cast(known) if known else None

    return _resolve(frame, chosen)


def to_data(frame: GlueFrame, specs: Iterable[tuple[str, str]]) -> GlueFrame:
    """Resolve as told, then turn every choice that is left into a struct: what ``toDF`` gives."""
    resolved = resolve_specs(frame, specs)
    return resolved.derive(resolve_to_structs(resolved.data))
