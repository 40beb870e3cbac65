"""Reading CSV: as strings when the script says where, with the catalog's types when the catalog does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.options import flag
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import MARK, glue_name

__all__ = ["csv_options", "read_csv", "typed_by_catalog"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-csv-home.html"


def csv_options(format_options: Mapping[str, Any]) -> dict[str, str]:
    """Return Spark's reader options for Glue's format options; quoteChar -1 turns quoting off.

    Raises:
        NotSupportedLocallyError: for skipFirst.
    """
    if flag(format_options, "skipFirst"):
        raise NotSupportedLocallyError("CSV option skipFirst", "Filter the first data line in the script.", _PAGE)
    quote = str(format_options.get("quoteChar", '"'))
    return {
        "sep": str(format_options.get("separator", ",")),
        "quote": "" if quote == "-1" else quote,
        # A quote within a quoted cell is doubled; without an escaper nothing else is special.
        "escape": str(format_options.get("escaper") or ("" if quote == "-1" else quote)),
        "multiLine": str(flag(format_options, "multiLine")).lower(),
        "header": str(flag(format_options, "withHeader")).lower(),
        "mode": "PERMISSIVE",
    }


def _string(name: str) -> Column:
    """An empty cell is an empty string, not a null."""
    return F.coalesce(F.col(column_name(name)), F.lit(""))


def _without_quoting(lines: DataFrame, separator: str) -> DataFrame:
    """Split plain lines; as many columns as the widest line has."""
    value = F.col("value")
    marks = (F.length(value) - F.length(F.replace(value, F.lit(separator), F.lit("")))) / F.lit(len(separator))
    widest = lines.select(F.max(marks)).first()
    width = 1 + int(widest[0] or 0) if widest is not None else 1
    if width == 1:
        cells: Sequence[Column] = [value.alias("col0")]
    else:
        parts = F.split(value, "\\Q" + separator + "\\E", -1)
        cells = [F.get(parts, F.lit(i)).alias(f"col{i}") for i in range(width)]
    return lines.select(*cells, *[c for c in lines.columns if c != "value"])


def read_csv(
    reader: Any, paths: Sequence[str], format_options: Mapping[str, Any], extra: Sequence[Column] = ()
) -> DataFrame:
    """Return all cells as strings, columns named by the header or ``col0``, ``col1``..., then the ``extra`` columns.

    ``reader`` is a prepared DataFrameReader.
    """
    options = csv_options(format_options)
    if options["quote"] == "" and options["header"] == "false" and options["escape"] == "":
        lines = reader.text(list(paths)).filter(F.length("value") > 0).select("value", *extra)
        return _without_quoting(lines, options["sep"])
    data = reader.options(**options).csv(list(paths))
    names = data.columns if options["header"] == "true" else [f"col{i}" for i in range(len(data.columns))]
    cells = [_string(column).alias(name) for column, name in zip(data.columns, names, strict=True)]
    cut: DataFrame = data.select(*cells, *extra)
    return cut


def typed_by_catalog(data: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """Give the string cells of ``data`` the catalog's types; where some cells do not fit, a choice of type and string.

    One pass over the data looks for cells that do not fit. An empty cell of another type than string is null.
    """
    types = {name: parse_type(text) for name, text in columns.items()}
    typed = [n for n, data_type in types.items() if not isinstance(data_type, t.StringType) and n in data.columns]
    if not typed:
        return data
    cells = {n: F.nullif(F.trim(F.col(column_name(n))), F.lit("")) for n in typed}
    fits = {n: _parsed(cells[n], types[n]) for n in typed}
    unfit = [F.max(fits[n].isNull() & cells[n].isNotNull()).alias(str(i)) for i, n in enumerate(typed)]
    found = data.agg(*unfit).first()
    bad = {n for i, n in enumerate(typed) if found is not None and found[i]}
    out = []
    for name in data.columns:
        if name not in typed:
            out.append(F.col(column_name(name)))
        elif name not in bad:
            out.append(fits[name].alias(name))
        else:
            fit = fits[name]
            raw = F.when(fit.isNull(), F.col(column_name(name)))
            pair = F.struct(fit.alias(MARK + glue_name(types[name])), raw.alias(MARK + "string"))
            out.append(F.when(cells[name].isNotNull(), pair).alias(name))
    return data.select(*out)


def _parsed(cell: Column, data_type: t.DataType) -> Column:
    if isinstance(data_type, t.ByteType | t.ShortType | t.IntegerType | t.LongType):
        # Spark's own cast would cut "1.5" to 1 and so lose what was there.
        return F.when(cell.rlike(r"^[+-]?\d+$"), cell.cast(data_type))
    return cell.cast(data_type)
