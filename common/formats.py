"""Writers and readers of files: raw lines to Parquet or ORC, in files of a size that a warehouse likes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

__all__ = [
    "COMPRESSION", "MALFORMED", "WriteMode", "iso_utc", "parse_json_lines", "sized", "write_json",
    "write_orc", "write_parquet",
]  # fmt: skip

MALFORMED: Final = "malformed_json"
_END: Final = "_end_of_line_"
# Glue's own Parquet writer has uncompressed, snappy, gzip and lzo; gzip leaves the fewest bytes of rows in order.
# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-parquet-home.html
COMPRESSION: Final = "gzip"
WriteMode = Literal["append", "overwrite", "errorifexists"]

# Redshift likes 1 MB to 1 GB of compressed file; rows are a good enough measure of that for one table.
# https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-use-multiple-files.html
_ROWS_A_FILE: Final = 1_000_000
_SPREAD: Final = 8  # partitions a file: parts of a folder go to tasks by hash, and few shall meet in one


def parse_json_lines(lines: DataFrame, names: Sequence[str], line: str = "record", into: str = "raw") -> DataFrame:
    """Parse the text column ``line`` into a struct ``into`` of texts, one a name; ``reason`` for what does not parse.

    Exactly one JSON object a line, or the row is ``malformed_json`` and ``into`` is null: a truncated object, two
    objects, something after the object, and a line that is no object are all wrong. To that end the line is parsed
    as the first of two elements of an array, the second being ours: Spark's parser stops at the end of the first
    value it finds and keeps half of a truncated one. An unknown field is left out; nested values are kept as their
    JSON text.
    """
    fields = StructType([StructField(name, StringType()) for name in (*names, _END)])
    parsed = F.from_json(F.concat(F.lit("["), F.col(line), F.lit(f',{{"{_END}":"1"}}]')), ArrayType(fields))
    whole = (
        (F.size("_parsed") == 2)
        & F.col("_parsed")[0].isNotNull()
        & F.col("_parsed")[1][_END].isNotNull()
        & F.ltrim(F.col(line)).startswith("{")
    )
    wrong = ~F.coalesce(whole, F.lit(False))
    return lines.withColumn("_parsed", parsed).select(
        *lines.columns,
        F.when(wrong, F.lit(MALFORMED)).alias("reason"),
        F.when(~wrong, F.col("_parsed")[0].dropFields(_END)).alias(into),
    )


def sized(
    frame: DataFrame, rows: int, keys: Sequence[str] = (), order: Sequence[str] = (), a_file: int = _ROWS_A_FILE
) -> DataFrame:
    """Repartition for writing ``rows`` rows (with ``keys``: a folder): files of about ``a_file`` rows, or one.

    Without this a folder of any size would be the work of one task. ``order`` are the columns by which the rows of a
    file lie, and by which a large folder is divided; the writer sorts by ``keys`` in any case.
    """
    files = max(1, -(-rows // a_file))
    if not keys:
        return frame.coalesce(files)
    places = [F.col(key) for key in keys]
    if files > 1 and order:
        places.append(F.pmod(F.xxhash64(*order), F.lit(files)))
        placed = frame.repartition(_SPREAD * files, *places)
    else:
        placed = frame.repartition(*places)
    return placed.sortWithinPartitions(*keys, *order) if order else placed


def write_parquet(frame: DataFrame, url: str, mode: WriteMode = "errorifexists", keys: Sequence[str] = ()) -> None:
    """Write Parquet (snappy) under ``url``, in Hive folders by ``keys``."""
    frame.write.mode(mode).partitionBy(*keys).option("compression", "snappy").parquet(url)


def write_orc(frame: DataFrame, url: str, mode: WriteMode = "errorifexists", keys: Sequence[str] = ()) -> None:
    """Write ORC (zlib) under ``url``, in Hive folders by ``keys``."""
    frame.write.mode(mode).partitionBy(*keys).option("compression", "zlib").orc(url)


def write_json(frame: DataFrame, url: str, mode: WriteMode = "errorifexists") -> None:
    """Write JSON lines under ``url``; a null field is written as null, so that every line has all fields."""
    frame.write.mode(mode).option("ignoreNullFields", "false").json(url)


def iso_utc(value: Column) -> Column:
    """A timestamp as ``2013-01-01T10:00:00Z``; the session's time zone must be UTC."""
    return F.date_format(value, "yyyy-MM-dd'T'HH:mm:ss'Z'")
