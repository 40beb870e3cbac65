"""Reading CSV: as strings when the script says where, with the catalog's types when the catalog does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.errors import IllegalArgumentException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.glue_runtime.engine.companion import companion, found_once, java_list
from lakeshift.glue_runtime.engine.file_groups import group_files, groups_text
from lakeshift.glue_runtime.engine.format_options import codec, is_compressed, with_schema
from lakeshift.glue_runtime.engine.frame import ErrorBatch, GlueFrame
from lakeshift.glue_runtime.engine.json_reader import error_batch
from lakeshift.glue_runtime.engine.options import flag, number
from lakeshift.glue_runtime.engine.paths import column_name
from lakeshift.glue_runtime.engine.reading import Constants, Reading
from lakeshift.glue_runtime.engine.type_text import parse_type
from lakeshift.glue_runtime.engine.types import MARK, glue_name

__all__ = ["Dialect", "dialect_of_options", "read_csv", "typed_by_catalog"]

_PAGE = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-csv-home.html"


@dataclass(frozen=True)
class Dialect:
    """How the text is written; ``columns`` names them by place where there is no header that does."""

    separator: str = ","
    quote: str = '"'
    escape: str = ""
    multi_line: bool = False
    strict: bool = False
    header: bool = False
    skipped: int = 0
    columns: tuple[str, ...] = ()


def _character(given: Any, option: str) -> str:
    text = "" if given is None or str(given) in ("-1", "none", "") else str(given)
    if len(text) > 1 or not text.isascii():
        raise NotSupportedLocallyError(f"CSV option {option} {text!r}", "Use one ASCII character.", _PAGE)
    return text


def dialect_of_options(given: Mapping[str, Any]) -> Dialect:
    """Return Glue's format options; quoteChar -1 turns quoting off.

    Raises:
        IllegalArgumentException: optimizePerformance together with what its reader cannot do.
    """
    multi_line = flag(given, "multiLine") or flag(given, "multiline")
    escape = _character(given.get("escaper"), "escaper")
    if flag(given, "optimizePerformance") and (multi_line or escape):
        raise IllegalArgumentException("optimizePerformance does not support multiLine or escaper for format csv")
    header = flag(given, "withHeader")
    return Dialect(
        separator=str(given.get("separator", ",")) or ",",
        quote=_character(given.get("quoteChar", '"'), "quoteChar"),
        escape=escape,
        multi_line=multi_line,
        strict=flag(given, "strictCheckForQuoting"),
        header=header,
        skipped=int(flag(given, "skipFirst")),
    )


def _java_dialect(spark: SparkSession, dialect: Dialect, codec_name: str) -> Any:
    return companion(spark, "CsvRecords").dialect(
        dialect.separator,
        dialect.quote,
        dialect.escape,
        dialect.multi_line,
        dialect.strict,
        dialect.header,
        dialect.skipped,
        codec_name,
    )


def read_csv(spark: SparkSession, reading: Reading, constants: Constants, dialect: Dialect) -> GlueFrame:
    """Return all cells as strings, columns named by each file's header or ``col0``, ``col1``..., then the constants.

    A record shorter than others does not have the columns behind its last; one with a quote that does not end is an
    error record.
    """
    codec_name = codec(reading.options)
    groups = group_files(
        reading.files,
        cores=spark.sparkContext.defaultParallelism,
        group_size=number(reading.options, "groupSize"),
        in_partition=str(reading.options.get("groupFiles")) == "inPartition",
        splittable=lambda file: not dialect.multi_line and not is_compressed(file.path, reading.options),
    )
    made = companion(spark, "CsvRecords")
    java_dialect = _java_dialect(spark, dialect, codec_name)
    slices = companion(spark, "Slice").groups(groups_text(groups))
    session = spark._jsparkSession
    schema = with_schema(reading.format_options)
    given = dialect.columns or (tuple(schema.names) if schema is not None else ())
    malformed: int | None = None
    names = given
    if not given:
        key = (spark, "csv", reading.files, dialect, codec_name)
        found = found_once(key, lambda: str(made.infer(session, slices, java_dialect)))
        names, malformed = tuple(found["columns"]), int(found["malformed"])
    texts = t.StructType([t.StructField(name, t.StringType()) for name in names])
    full = companion(spark, "Slice").groups(groups_text(groups, constants.of)) if constants.names else slices
    size = sum(file.size for file in reading.files)
    by_place = bool(given) and not dialect.header
    jdf = made.read(session, full, size, texts.json(), java_list(spark, constants.names), by_place, java_dialect)
    data = DataFrame(jdf, spark)
    if schema is not None:
        cast = [_parsed(F.col(column_name(f.name)), f.dataType).alias(f.name) for f in schema.fields]
        data = data.select(*cast, *constants.names)
    errors: tuple[ErrorBatch, ...] = ()
    if malformed != 0:
        errors = (error_batch(DataFrame(made.malformed(session, slices, java_dialect), spark), malformed),)
    return GlueFrame(data, "", frozenset((name,) for name in names), errors, stage_errors=len(errors))


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
