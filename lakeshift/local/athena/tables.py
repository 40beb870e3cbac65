"""CREATE EXTERNAL TABLE as the catalog's TableInput, and back as SHOW CREATE TABLE prints it.

https://docs.aws.amazon.com/athena/latest/ug/create-table.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.local.athena.failures import QueryError, refused

__all__ = ["FORMATS", "ddl_of", "parse_create", "storage"]

_INPUT: Final = "org.apache.hadoop.mapred.TextInputFormat"
_OUTPUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_TEXT_SERDE: Final = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
# Format -> input format, output format, SerDe.
FORMATS: Final = {
    "PARQUET": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "ORC": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "TEXTFILE": (_INPUT, _OUTPUT, _TEXT_SERDE),
    "JSON": (_INPUT, _OUTPUT, "org.openx.data.jsonserde.JsonSerDe"),
}
_DELIMITERS: Final = {
    "fields": "field.delim",
    "collection_items": "collection.delim",
    "map_keys": "mapkey.delim",
    "lines": "line.delim",
    "escaped": "escape.delim",
    "null": "serialization.null.format",
}


def storage(
    columns: list[dict[str, str]], location: str, form: str, properties: dict[str, str] | None = None
) -> dict[str, Any]:
    """A StorageDescriptor of one of the known formats."""
    if form not in FORMATS:
        raise refused(f"STORED AS {form}", "Use PARQUET, ORC, TEXTFILE or JSON.")
    read, write, serde = FORMATS[form]
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": read,
        "OutputFormat": write,
        "Compressed": False,
        "SerdeInfo": {
            "SerializationLibrary": serde,
            "Parameters": {"serialization.format": "1", **(properties or {})},
        },
    }


def parse_create(tree: Any) -> tuple[str | None, dict[str, Any]]:
    """Database and TableInput of a CREATE EXTERNAL TABLE."""
    schema = tree.this
    if not isinstance(schema, exp.Schema):
        raise QueryError("FAILED: ParseException: a table needs columns")
    table = schema.this
    found = {type(one): one for one in tree.args["properties"].expressions}
    if exp.ExternalProperty not in found:
        raise refused("A table that is not external", "Write CREATE EXTERNAL TABLE, or CREATE TABLE AS.")
    if exp.LocationProperty not in found:
        raise QueryError("FAILED: SemanticException: LOCATION is missing")
    location = str(found[exp.LocationProperty].this.this)
    for unknown in (exp.ClusteredByProperty,):
        if unknown in found:
            raise refused("CLUSTERED BY", "Leave it out: buckets change nothing but speed.")
    form, properties = _row_format(found)
    described = storage(_columns(schema.expressions), location, form, properties)
    if exp.RowFormatSerdeProperty in found:
        described["SerdeInfo"]["SerializationLibrary"] = str(found[exp.RowFormatSerdeProperty].this.this)
    keys = found.get(exp.PartitionedByProperty)
    parameters = {
        str(one.this.this): str(one.args["value"].this)
        for one in tree.args["properties"].expressions
        if type(one) is exp.Property
    }
    comment = found.get(exp.SchemaCommentProperty)
    made: dict[str, Any] = {
        "Name": table.name.lower(),
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": described,
        "PartitionKeys": _columns(keys.this.expressions) if keys is not None else [],
        "Parameters": {"EXTERNAL": "TRUE", **parameters},
    }
    if comment is not None:
        made["Description"] = str(comment.this.this)
    return (table.db.lower() or None), made


def _columns(definitions: list[Any]) -> list[dict[str, str]]:
    columns = []
    for one in definitions:
        column = {"Name": one.name.lower(), "Type": _type(one.args["kind"])}
        comments = [
            rule.kind.this.this for rule in one.args.get("constraints") or () if rule.find(exp.CommentColumnConstraint)
        ]
        if comments:
            column["Comment"] = str(comments[0])
        columns.append(column)
    return columns


def _type(kind: Any) -> str:
    text = str(kind.sql(dialect="hive")).lower()
    return re.sub(r"\s*([,:<>])\s*", r"\1", re.sub(r"(\w+): ", r"\1:", text)).replace(" (", "(")


def _row_format(found: dict[type, Any]) -> tuple[str, dict[str, str]]:
    stored = found.get(exp.FileFormatProperty)
    form = "TEXTFILE"
    if stored is not None and isinstance(stored.this, exp.InputOutputFormat):
        read = str(stored.this.args["input_format"].this)
        form = next((name for name, (kind, *_) in FORMATS.items() if kind == read), "")
        if not form:
            raise refused(f"INPUTFORMAT {read}", "Use PARQUET, ORC, TEXTFILE or JSON.")
    elif stored is not None:
        form = str(stored.this.name).upper()
    serde = found.get(exp.RowFormatSerdeProperty)
    if serde is not None:
        given = serde.args.get("serde_properties")
        listed = given.expressions if given is not None else []
        return form, {str(one.this.this): str(one.args["value"].this) for one in listed}
    delimited = found.get(exp.RowFormatDelimitedProperty)
    if delimited is None:
        return form, {}
    return form, {
        name: str(delimited.args[key].this) for key, name in _DELIMITERS.items() if delimited.args.get(key) is not None
    }


def ddl_of(table: dict[str, Any]) -> list[str]:
    """The lines of SHOW CREATE TABLE."""
    described = table["StorageDescriptor"]
    lines = [f"CREATE EXTERNAL TABLE `{table['DatabaseName']}.{table['Name']}`("]
    columns = [f"  `{one['Name']}` {one['Type']}" for one in described.get("Columns", [])]
    lines += [f"{line}, " for line in columns[:-1]] + [f"{line})" for line in columns[-1:]]
    if table.get("PartitionKeys"):
        keys = [f"  `{one['Name']}` {one['Type']}" for one in table["PartitionKeys"]]
        lines += ["PARTITIONED BY ( ", *[f"{line}, " for line in keys[:-1]], f"{keys[-1]})"]
    serde = described.get("SerdeInfo", {})
    lines += ["ROW FORMAT SERDE ", f"  '{serde.get('SerializationLibrary', '')}' "]
    given = {key: value for key, value in serde.get("Parameters", {}).items() if key != "serialization.format"}
    if given:
        items = [f"  '{key}'='{value}'" for key, value in sorted(given.items())]
        lines += ["WITH SERDEPROPERTIES ( ", *[f"{line}, " for line in items[:-1]], f"{items[-1]}) "]
    lines += ["STORED AS INPUTFORMAT ", f"  '{described.get('InputFormat', '')}' ", "OUTPUTFORMAT "]
    lines += [f"  '{described.get('OutputFormat', '')}'", "LOCATION", f"  '{described.get('Location', '')}'"]
    shown = {key: value for key, value in table.get("Parameters", {}).items() if key != "EXTERNAL"}
    if shown:
        items = [f"  '{key}'='{value}'" for key, value in sorted(shown.items())]
        lines += ["TBLPROPERTIES (", *[f"{line}, " for line in items[:-1]], f"{items[-1]})"]
    return lines
