"""Unbox: a text column becomes the record that is written in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.paths import split_path
from lakeshift.glue_runtime.engine.row_functions import Envelope, Site, run_envelopes

__all__ = ["unbox"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Unbox.html"
_OPTIONS = {
    "json": {"withSchema"},
    "csv": {"separator", "escaper", "quoteChar", "skipFirst", "withHeader", "withSchema"},
}
Parse = Callable[[str], Any]


def unbox(frame: GlueFrame, path_text: str, kind: str, options: str, site: Site) -> GlueFrame:
    """Parse the text at ``path_text``; where it does not parse the whole record becomes an error record.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-Unbox.html
    """
    given: dict[str, Any] = {name: value for name, value in json.loads(options or "{}").items() if value is not None}
    unknown = set(given) - _OPTIONS.get(kind, set())
    if kind not in _OPTIONS or unknown:
        what = f"Unbox of format {kind}" if kind not in _OPTIONS else f"Unbox with {', '.join(sorted(unknown))}"
        raise NotSupportedLocallyError(what, "Use json or csv.", _PAGE)
    parse = json.loads if kind == "json" else _csv_parser(given)
    fields = _schema_fields(given.get("withSchema"))
    path = split_path(path_text)

    def each(envelope: Envelope) -> Envelope:
        holder = envelope["record"]
        for name in path[:-1]:
            holder = holder.get(name) if isinstance(holder, dict) else None
        text = holder.get(path[-1]) if isinstance(holder, dict) else None
        if not isinstance(text, str | bytes | bytearray):
            return envelope
        try:
            value = parse(text.decode("utf-8") if not isinstance(text, str) else text)
            holder[path[-1]] = value if fields is None else _chosen(value, fields)
        except ValueError as error:
            return {**envelope, "isError": True, "errorMessage": f"unbox failed {error}"}
        return envelope

    def all_of(_part: int, envelopes: Iterator[Envelope]) -> Iterable[Envelope]:
        return map(each, envelopes)

    return run_envelopes(frame, all_of, site)


def _csv_parser(options: Mapping[str, Any]) -> Parse:
    """Return the function that makes a record of one CSV line; without a header its fields are col0, col1..."""
    dialect: dict[str, Any] = {"delimiter": str(options.get("separator") or ",")}
    if options.get("escaper"):
        dialect["escapechar"] = str(options["escaper"])
    quote = str(options.get("quoteChar") or '"')
    dialect.update({"quoting": csv.QUOTE_NONE} if quote == "-1" else {"quotechar": quote})
    header, skip = flag(options, "withHeader"), flag(options, "skipFirst")

    def parse(text: str) -> dict[str, Any]:
        try:
            rows = list(csv.reader(io.StringIO(text), strict=True, **dialect))
        except csv.Error as error:
            raise ValueError(str(error)) from error
        names = rows.pop(0) if header and rows else None
        rows = rows[1:] if skip else rows
        if not rows:
            raise ValueError("no CSV record in the text")
        return dict(zip(names or [f"col{i}" for i in range(len(rows[0]))], rows[0], strict=False))

    return parse


def _schema_fields(text: Any) -> list[tuple[str, str]] | None:
    """Return names and types of the top level of a schema as StructType.jsonValue() gives it."""
    if not text:
        return None
    schema = text if isinstance(text, dict) else json.loads(text)
    return [(field["name"], field["container"]["dataType"]) for field in schema.get("fields", [])]


_CASTS: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "long": int,
    "short": int,
    "byte": int,
    "double": float,
    "float": float,
    "string": lambda value: value if isinstance(value, str) else json.dumps(value),
    "boolean": lambda value: value if isinstance(value, bool) else str(value).lower() == "true",
}


def _chosen(value: Any, fields: list[tuple[str, str]]) -> Any:
    """The value with the fields and types of the schema; what cannot be cast becomes null, as with ApplyMapping."""
    if not isinstance(value, dict):
        return value
    made: dict[str, Any] = {}
    for name, kind in fields:
        if name not in value:
            continue
        cell = value[name]
        try:
            made[name] = _CASTS.get(kind, lambda v: v)(cell) if cell is not None else None
        except (TypeError, ValueError):
            made[name] = None
    return made
