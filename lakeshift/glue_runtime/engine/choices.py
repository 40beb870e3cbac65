"""ResolveChoice."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.paths import Path, split_path
from lakeshift.glue_runtime.engine.rewrite import Fields, cast, resolve_to_structs, rewrite
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import MARK, glue_name, is_choice, without_marks

__all__ = ["match_catalog", "resolve_all", "resolve_specs", "to_data"]

Action = Callable[[str, t.DataType, Column], Fields | None]


def _make_cols(name: str, data_type: t.DataType, column: Column) -> Fields | None:
    if not is_choice(data_type):
        return None
    return [(f"{name}_{f.name.removeprefix(MARK)}", column.getField(f.name)) for f in data_type.fields]


def _make_struct(name: str, data_type: t.DataType, column: Column) -> Fields | None:
    return [(name, column.cast(without_marks(data_type)))] if is_choice(data_type) else None


def _project(wanted: str) -> Action:
    target = parse_type(wanted)

    def project(name: str, data_type: t.DataType, column: Column) -> Fields | None:
        if not is_choice(data_type):
            return None
        field = next((f for f in data_type.fields if f.name == MARK + glue_name(target)), None)
        return [(name, F.lit(None).cast(target) if field is None else column.getField(field.name))]

    return project


def _cast(wanted: str) -> Action:
    target = parse_type(wanted)
    return lambda name, data_type, column: [(name, cast(column, data_type, target))]


def _action(text: str) -> Action:
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


def resolve_specs(frame: GlueFrame, specs: Iterable[tuple[str, str]]) -> GlueFrame:
    """Resolve the named paths, one after the other; ``cast`` works on fields that are no choice, too.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-ResolveChoice.html
    """
    data = frame.data
    for path_text, action_text in specs:
        wanted, action = split_path(path_text), _action(action_text)

        def rule(
            path: Path, data_type: t.DataType, column: Column, wanted: Path = wanted, action: Action = action
        ) -> Fields | None:
            return action(path[-1], data_type, column) if path == wanted else None

        data = rewrite(data, rule)
    return frame.derive(data)


def resolve_all(frame: GlueFrame, choice: str) -> GlueFrame:
    """Resolve every choice by one action."""
    action = _action(choice)

    def rule(path: Path, data_type: t.DataType, column: Column) -> Fields | None:
        return action(path[-1], data_type, column) if is_choice(data_type) else None

    return frame.derive(rewrite(frame.data, rule))


def match_catalog(frame: GlueFrame, columns: dict[str, str]) -> GlueFrame:
    """Cast each choice at the top level to the type that the catalog has for the column; others stay."""
    types = {name.lower(): text for name, text in columns.items()}

    def rule(path: Path, data_type: t.DataType, column: Column) -> Fields | None:
        if len(path) != 1 or not is_choice(data_type) or path[0].lower() not in types:
            return None
        return [(path[0], cast(column, data_type, parse_type(types[path[0].lower()])))]

    return frame.derive(rewrite(frame.data, rule))


def to_data(frame: GlueFrame, specs: Iterable[tuple[str, str]]) -> GlueFrame:
    """Resolve as told, then turn every choice that is left into a struct: what ``toDF`` gives."""
    resolved = resolve_specs(frame, specs)
    return resolved.derive(resolve_to_structs(resolved.data))
