"""Writers and readers of files: raw lines to Parquet or ORC, in files of a size that a warehouse likes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Literal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import ArrayType, IntegerType, StringType, StructField, StructType

__all__ = [
    "COMPRESSION", "MALFORMED", "WriteMode", "iso_utc", "parse_json_lines", "parse_typed_lines", "sized", "write_json",
    "write_orc", "write_parquet",
]  # fmt: skip

MALFORMED: Final = "malformed_json"
_END: Final = "_end_of_line_"
_LINE: Final = "_line_"
_BROKEN: Final = "_broken_"
# The strongest that Glue's own Parquet writer is documented to have (uncompressed, snappy, gzip, lzo): of rows in order
# it leaves two thirds of what snappy leaves of rows in none, for a twentieth more processor time in the clean stage.
# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-parquet-home.html
COMPRESSION: Final = "gzip"
WriteMode = Literal["append", "overwrite", "errorifexists"]

# Redshift likes 1 MB to 1 GB of compressed file; rows are a good enough measure of that for one table.
# https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-use-multiple-files.html
_ROWS_A_FILE: Final = 1_000_000


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
    return (
        lines.withColumn("_parsed", parsed)
        .withColumn("reason", F.when(~F.coalesce(whole, F.lit(False)), F.lit(MALFORMED)))
        .withColumn(into, F.when(F.col("reason").isNull(), F.col("_parsed")[0].dropFields(_END)))
        .drop("_parsed")
    )


def parse_typed_lines(
    lines: DataFrame, names: Sequence[str], integers: Collection[str], line: str = "record", into: str = "raw"
) -> DataFrame:
    """As ``parse_json_lines``, for records whose ``integers`` nearly always are numbers: they come in ``numbers``.

    ``into`` (texts) and ``numbers`` (a struct of ``integers``) add up: a record whose integers all are JSON integers of
    32 bits or null has them in ``numbers`` and null in ``into``; of any other all fields are in ``into`` and
    ``numbers`` is null. The first kind costs half: Spark's parser makes a writer of JSON for every number that it is
    to tell as text. A record of the second kind is parsed twice.
    """
    texts = [name for name in names if name not in set(integers)]
    record = StructType([StructField(name, IntegerType() if name in set(integers) else StringType()) for name in names])
    whole = StructType(
        [StructField(_LINE, record), StructField(_END, StringType()), StructField(_BROKEN, StringType())]
    )
    given = F.concat(F.lit(f'{{"{_LINE}":'), F.col(line), F.lit(f',"{_END}":"1"}}'))
    typed = lines.withColumn("_typed", F.from_json(given, whole, {"columnNameOfCorruptRecord": _BROKEN}))
    good = (
        F.col("_typed")[_BROKEN].isNull()
        & F.col("_typed")[_END].isNotNull()
        & F.col("_typed")[_LINE].isNotNull()
        & F.ltrim(F.col(line)).startswith("{")
    )
    told = typed.withColumn("_good", F.coalesce(good, F.lit(False)))
    told = told.withColumn("_other", F.when(~F.col("_good"), F.col(line)))  # of null, nothing is parsed
    both = parse_json_lines(told, names, line="_other", into="_texts")
    record_of = F.col("_typed")[_LINE]
    return (
        both.withColumn("reason", F.when(~F.col("_good"), F.col("reason")))
        .withColumn("numbers", F.struct(*(F.when(F.col("_good"), record_of[name]).alias(name) for name in integers)))
        .withColumn(
            into,
            F.struct(
                *(
                    F.when(F.col("_good"), record_of[name]).otherwise(F.col("_texts")[name]).alias(name)
                    if name in texts
                    else F.col("_texts")[name].alias(name)
                    for name in names
                )
            ),
        )
        .drop("_typed", "_good", "_other", "_texts")
    )


def sized(frame: DataFrame, rows: int, keys: Sequence[str] = (), order: Sequence[str] = ()) -> DataFrame:
    """Repartition for writing ``rows`` rows (with ``keys``: a folder): files of about a million rows, or one.

    Without this a folder of any size would be the work of one task. ``order`` are the columns by which the rows of a
    file lie, and by which a large folder is divided; the writer sorts by ``keys`` in any case.
    """
    files = max(1, -(-rows // _ROWS_A_FILE))
    if not keys:
        return frame.coalesce(files)
    places = [F.col(key) for key in keys]
    if files > 1 and order:
        places.append(F.pmod(F.xxhash64(*order), F.lit(files)))
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
