"""Input format, output format and SerDe of each kind of table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["VERSIONS", "plain_table", "storage_descriptor"]

VERSIONS: Final = {"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0"}


@dataclass(frozen=True, slots=True)
class _Format:
    input: str
    output: str
    serde: str
    parameters: tuple[tuple[str, str], ...] = ()


_TEXT_IN: Final = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_FORMATS: Final = {
    "json": _Format(_TEXT_IN, _TEXT_OUT, "org.openx.data.jsonserde.JsonSerDe"),
    "csv": _Format(_TEXT_IN, _TEXT_OUT, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    "opencsv": _Format(_TEXT_IN, _TEXT_OUT, "org.apache.hadoop.hive.serde2.OpenCSVSerde"),
    "grok": _Format(_TEXT_IN, _TEXT_OUT, "com.amazonaws.glue.serde.GrokSerDe"),
    "parquet": _Format(
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        (("serialization.format", "1"),),
    ),
    "orc": _Format(
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "avro": _Format(
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    "delta": _Format(
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    ),
    "symlink": _Format(
        "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat",
        _TEXT_OUT,
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        (("serialization.format", "1"),),
    ),
    "ion": _Format(
        "com.amazon.ionhiveserde.formats.IonInputFormat",
        "com.amazon.ionhiveserde.formats.IonOutputFormat",
        "com.amazon.ionhiveserde.IonHiveSerDe",
    ),
    "xml": _Format(_TEXT_IN, _TEXT_OUT, ""),  # there is no SerDe that Athena could read it with
    "none": _Format("", "", ""),
}


def storage_descriptor(
    serde: str,
    columns: Sequence[Mapping[str, Any]],
    location: str,
    serde_parameters: Mapping[str, str],
    parameters: Mapping[str, str],
) -> dict[str, Any]:
    """A StorageDescriptor as a crawler writes it; its Parameters repeat the table's."""
    form = _FORMATS[serde]
    info: dict[str, Any] = {"Parameters": {**dict(form.parameters), **serde_parameters}}
    if form.serde:
        info["SerializationLibrary"] = form.serde
    described: dict[str, Any] = {
        "Columns": list(columns),
        "Location": location,
        "Compressed": parameters.get("compressionType", "none") != "none",
        "NumberOfBuckets": -1,
        "SerdeInfo": info,
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": dict(parameters),
        "StoredAsSubDirectories": False,
    }
    if form.input:
        described |= {"InputFormat": form.input, "OutputFormat": form.output}
    return described


def plain_table(
    storage: Mapping[str, Any], parameters: Mapping[str, str], keys: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """A TableInput without a name, with what every crawled table has."""
    return {
        "Owner": "owner",
        "Retention": 0,
        "StorageDescriptor": dict(storage),
        "PartitionKeys": list(keys),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": dict(parameters),
    }
