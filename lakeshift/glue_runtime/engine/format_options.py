"""The options of each format: which there are, and what Glue says of one it does not have.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pyspark.errors import IllegalArgumentException
from pyspark.sql import types as t

from lakeshift.errors import NotSupportedLocallyError

__all__ = ["check_format", "codec", "is_compressed", "load_failure", "with_schema"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html"
_S3: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-s3-home.html"
_COMMON: Final = {"attachFilename", "attachTimestamp", "compression", "compressionType"}
_OPTIONS: Final[dict[str, set[str]]] = {
    "json": {"jsonPath", "multiline", "multiLine", "optimizePerformance", "withSchema"},
    "csv": {
        "separator",
        "escaper",
        "quoteChar",
        "multiLine",
        "multiline",
        "withHeader",
        "writeHeader",
        "skipFirst",
        "optimizePerformance",
        "strictCheckForQuoting",
        "withSchema",
    },
    "parquet": {"useGlueParquetWriter", "blockSize", "pageSize"},
    "glueparquet": {"useGlueParquetWriter", "blockSize", "pageSize"},
    "orc": set(),
    "avro": {"version"},
    "xml": {
        "rowTag",
        "encoding",
        "excludeAttribute",
        "treatEmptyValuesAsNulls",
        "attributePrefix",
        "valueTag",
        "ignoreSurroundingSpaces",
        "withSchema",
    },
    "grokLog": {"logFormat", "customPatterns", "MISSING", "LineCount", "StrictMode"},
    "ion": set(),
}
_LAKE_FORMATS: Final = {"hudi", "delta", "iceberg"}
_CODECS: Final = {"": "", "none": "", "gzip": "gzip", "bzip": "bzip2", "bzip2": "bzip2", "snappy": "snappy"}
_SUFFIXES: Final = (".gz", ".gzip", ".bz2", ".zst", ".snappy", ".lz4", ".deflate")


def load_failure(kind: str) -> IllegalArgumentException:
    """Return Glue's error for a format it has no reader or writer of."""
    return IllegalArgumentException(f"java.lang.ClassNotFoundException: Failed to load format with name {kind}")


def check_format(kind: str, format_options: Mapping[str, Any]) -> None:
    """Raise Glue's error for an unknown format or an unknown or missing option of it.

    Raises:
        IllegalArgumentException: with the text of the JVM's error.
    """
    if kind in _LAKE_FORMATS:
        instead = "Read Iceberg tables through the catalog; write Parquet or Iceberg tables."
        raise NotSupportedLocallyError(f"Format {kind} by connection options", instead, _PAGE)
    if kind not in _OPTIONS:
        raise load_failure(kind)
    unknown = sorted(set(format_options) - _OPTIONS[kind] - _COMMON)
    if unknown:
        known = ", ".join(sorted(_OPTIONS[kind] | _COMMON))
        raise IllegalArgumentException(f"Unrecognized option {unknown[0]} for format {kind}; known are: {known}")
    for name in {"xml": ("rowTag",), "grokLog": ("logFormat",)}.get(kind, ()):
        if not format_options.get(name):
            raise IllegalArgumentException(f"requirement failed: {name} must be specified for format {kind}")


def codec(options: Mapping[str, Any]) -> str:
    """Return Hadoop's name of the codec that ``compressionType`` gives; empty where each file's name tells."""
    given = str(options.get("compressionType") or "").lower()
    if given not in _CODECS:
        raise NotSupportedLocallyError(f"compressionType {given}", "Use gzip or bzip2.", _S3)
    return _CODECS[given]


def is_compressed(path: str, options: Mapping[str, Any]) -> bool:
    """Whether a file is compressed as a whole, and so cannot be cut."""
    return bool(codec(options)) or path.lower().endswith(_SUFFIXES)


def with_schema(format_options: Mapping[str, Any]) -> t.StructType | None:
    """Return the schema of ``withSchema``: a StructType's JSON (``json.dumps(schema.jsonValue())``), in both spellings.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-xml-home.html
    """
    given = format_options.get("withSchema")
    if not given:
        return None
    tree = json.loads(given) if isinstance(given, str) else dict(given)
    if "dataType" in tree:
        found = _spark_type(tree)
        if isinstance(found, t.StructType):
            return found
        raise IllegalArgumentException("withSchema must be a StructType")
    return t.StructType.fromJson(tree)


_PLAIN: Final[dict[str, t.DataType]] = {
    "string": t.StringType(),
    "int": t.IntegerType(),
    "integer": t.IntegerType(),
    "long": t.LongType(),
    "double": t.DoubleType(),
    "float": t.FloatType(),
    "boolean": t.BooleanType(),
    "date": t.DateType(),
    "timestamp": t.TimestampType(),
    "binary": t.BinaryType(),
    "byte": t.ByteType(),
    "short": t.ShortType(),
    "null": t.NullType(),
}


def _spark_type(node: Mapping[str, Any]) -> t.DataType:
    """A node of gluetypes JSON as a Spark type; a choice has no column type of its own here."""
    kind = str(node["dataType"])
    if kind == "struct":
        return t.StructType([t.StructField(f["name"], _spark_type(f["container"])) for f in node["fields"]])
    if kind == "array":
        return t.ArrayType(_spark_type(node["elementType"]))
    if kind == "map":
        return t.MapType(t.StringType(), _spark_type(node["valueType"]))
    if kind == "decimal":
        return t.DecimalType(int(node.get("precision", 10)), int(node.get("scale", 2)))
    if kind not in _PLAIN:
        raise NotSupportedLocallyError(f"type {kind} in withSchema", "Leave withSchema out.", _PAGE)
    return _PLAIN[kind]
