"""The engine's query that reads an external table's files, of any format, with the values of their partitions.

https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-data-files.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake, NoSuchBucketError
from lakeshift.redshift.catalog import quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_types import engine_type, is_nested
from lakeshift.redshift.iceberg_files import IcebergFiles, iceberg_files
from lakeshift.redshift.load_sources import engine_path, readable, split_url, sql_text

__all__ = ["ExternalFile", "ExternalMeta", "files_below", "meta_of", "scan_sql"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-data-files.html"
_OID: Final = 1


@dataclass(frozen=True, slots=True)
class ExternalMeta:
    """What the catalog says of an external table: columns and partition keys are (name, catalog type)."""

    database: str
    name: str
    columns: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...]
    location: str
    format: str
    serde: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExternalFile:
    """One object of the table and the values of its partition."""

    path: str
    url: str
    size: int
    values: tuple[str, ...] = ()


def meta_of(database: str, table: dict[str, Any]) -> ExternalMeta:
    """From the catalog's table; raises NotSupportedLocallyError for a format that is not read here."""
    storage = table.get("StorageDescriptor", {})
    properties = {str(key): str(value) for key, value in (table.get("Parameters") or {}).items()}
    serde = storage.get("SerdeInfo") or {}
    columns = tuple((item["Name"].lower(), item.get("Type", "string")) for item in storage.get("Columns", []))
    keys = tuple((item["Name"].lower(), item.get("Type", "string")) for item in table.get("PartitionKeys", []))
    kind = _format(storage, properties, serde)
    return ExternalMeta(
        database, table["Name"], columns, keys, storage.get("Location", ""), kind,
        {str(key): str(value) for key, value in (serde.get("Parameters") or {}).items()}, properties,
    )  # fmt: skip


def _format(storage: dict[str, Any], properties: dict[str, str], serde: dict[str, Any]) -> str:
    if properties.get("table_type", "").upper() == "ICEBERG":
        return "iceberg"
    library = str(serde.get("SerializationLibrary") or "").lower()
    shape = str(storage.get("InputFormat") or "").lower()
    for word, kind in (("parquet", "parquet"), ("orc", "orc"), ("avro", "avro"), ("opencsv", "csv"), ("json", "json"),
                       ("lazysimple", "text"), ("regex", "")):  # fmt: skip
        if word in library or (not library and word in shape):
            if not kind:
                break
            return kind
    if not library and ("text" in shape or not shape):
        return str(properties.get("classification", "text")).lower()
    raise NotSupportedLocallyError(f"The SerDe {library or shape} of an external table", "Use Parquet, ORC, Avro, JSON "
                                   "or text.", _PAGE)  # fmt: skip


def files_below(lake: FolderLake, location: str, values: Sequence[str] = ()) -> list[ExternalFile]:
    """The objects of a place, without those whose name begins with ``.``, ``_`` or ``#`` or ends in ``~``."""
    bucket, prefix = split_url(location if location.endswith("/") else f"{location}/")
    try:
        found = list(lake.list(bucket, prefix))
    except NoSuchBucketError as error:
        text = f"S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket: {location}"
        raise RedshiftError(text, "XX000") from error
    return [
        ExternalFile(str(readable(info).path), f"s3://{bucket}/{info.key}", info.size, tuple(values))
        for info in found
        if info.size
        and not info.key.rpartition("/")[2].startswith((".", "_", "#"))
        and not info.key.endswith(("~", "/"))
    ]


def scan_sql(
    connection: Connection, lake: FolderLake, meta: ExternalMeta, files: list[ExternalFile], *, pseudo: bool, name: str
) -> str:
    """The query of all rows; with ``pseudo`` also ``$path``, ``$size`` and ``$spectrum_oid``."""
    if meta.format == "iceberg":
        files, columns, source = _iceberg(lake, meta)
    else:
        columns, source = _source(connection, meta, files, name) if files else ({}, "")
    items = [
        f"CAST({columns.get(column, 'NULL')} AS {engine_type(kind)}) AS {quoted(column)}"
        for column, kind in meta.columns
    ]
    items += [
        f"CAST(m.k{index} AS {engine_type(kind)}) AS {quoted(key)}" for index, (key, kind) in enumerate(meta.keys)
    ]
    if pseudo:
        items += ['m.url AS "$path"', 'm.size AS "$size"', f'CAST({_OID} AS BIGINT) AS "$spectrum_oid"']
    if not files:
        keys = "".join(f", CAST(NULL AS VARCHAR) AS k{index}" for index in range(len(meta.keys)))
        nothing = f"SELECT CAST(NULL AS VARCHAR) AS url, CAST(NULL AS BIGINT) AS size{keys}"
        return f"SELECT {', '.join(items)} FROM ({nothing}) AS m WHERE false"
    rows = ", ".join(
        f"({', '.join([sql_text(file.path), sql_text(file.url), str(file.size), *map(sql_text, file.values)])})"
        for file in files
    )
    names = ", ".join(["path", "url", "size", *(f"k{index}" for index in range(len(meta.keys)))])
    if not pseudo and not meta.keys:
        return f"SELECT {', '.join(items)} FROM {source} AS s"
    return f"SELECT {', '.join(items)} FROM {source} AS s JOIN (VALUES {rows}) AS m({names}) ON s.ls_file = m.path"


def _paths(files: list[ExternalFile]) -> str:
    return f"[{', '.join(engine_path(file.path) for file in files)}]"


def _source(
    connection: Connection, meta: ExternalMeta, files: list[ExternalFile], name: str
) -> tuple[dict[str, str], str]:
    """How each column is named in the files, and the engine's reader of them."""
    if meta.format == "parquet":
        source = f"read_parquet({_paths(files)}, union_by_name = true, filename = 'ls_file', hive_partitioning = false)"
        found = {str(row[0]) for row in connection.rows(f"DESCRIBE SELECT * FROM {source}")}
        lowered = {name.lower(): name for name in found}
        return {column: f"s.{quoted(lowered[column])}" for column, _ in meta.columns if column in lowered}, source
    if meta.format in ("orc", "avro"):
        return _registered(connection, meta, files, name)
    if meta.format == "json":
        kinds = ", ".join(f"{sql_text(column)}: {sql_text(engine_type(kind))}" for column, kind in meta.columns)
        source = (
            f"read_json({_paths(files)}, format = 'newline_delimited', columns = {{{kinds}}}, filename = 'ls_file', "
            "maximum_object_size = 16777216)"
        )
        return {column: f"s.{quoted(column)}" for column, _ in meta.columns}, source
    if meta.format in ("text", "csv"):
        return _text(meta, files)
    raise NotSupportedLocallyError(f"External tables of {meta.format}", "Use Parquet, ORC, Avro, JSON or text.", _PAGE)


def _text(meta: ExternalMeta, files: list[ExternalFile]) -> tuple[dict[str, str], str]:
    if any(is_nested(kind) for _, kind in meta.columns):
        raise NotSupportedLocallyError("Nested columns in text files", "Use Parquet, ORC or JSON.", _PAGE)
    csv = meta.format == "csv"
    plain = meta.serde.get("serialization.format", "\x01")
    delimiter = meta.serde.get("separatorChar", ",") if csv else meta.serde.get("field.delim", plain)
    delimiter = {"1": "\x01", "\\t": "\t"}.get(delimiter, delimiter)
    quote = meta.serde.get("quoteChar", '"') if csv else ""
    skip = int(meta.properties.get("skip.header.line.count", 0))
    names = ", ".join(f"{sql_text(column)}: 'VARCHAR'" for column, _ in meta.columns)
    null = meta.properties.get("serialization.null.format", meta.serde.get("serialization.null.format", "\\N"))
    source = (
        f"read_csv({_paths(files)}, delim = {sql_text(delimiter)}, quote = {sql_text(quote)}, "
        f"escape = {sql_text(quote)}, columns = {{{names}}}, auto_detect = false, header = false, "
        f"skip = {skip}, null_padding = true, strict_mode = false, nullstr = {sql_text(null)}, filename = 'ls_file')"
    )
    # An empty field is NULL for everything but text.
    found = {
        column: f"s.{quoted(column)}" if kind.lower().startswith(("string", "varchar", "char")) else
        f"nullif(trim(s.{quoted(column)}), '')"
        for column, kind in meta.columns
    }  # fmt: skip
    return found, source


def _registered(
    connection: Connection, meta: ExternalMeta, files: list[ExternalFile], name: str
) -> tuple[dict[str, str], str]:
    """Formats the engine does not read itself, as Arrow."""
    import pyarrow as pa

    tables = []
    for file in files:
        table = _arrow(meta.format, Path(file.path))
        tables.append(table.append_column("ls_file", pa.array([file.path] * table.num_rows, pa.string())))
    whole = pa.concat_tables(tables, promote_options="default")
    connection.raw.register(name, whole)
    lowered = {column.lower(): column for column in whole.column_names}
    return {column: f"s.{quoted(lowered[column])}" for column, _ in meta.columns if column in lowered}, quoted(name)


def _arrow(kind: str, file: Path) -> Any:
    import pyarrow as pa

    if kind == "orc":
        from pyarrow import orc

        return orc.read_table(file)
    import fastavro

    with file.open("rb") as source:
        return pa.Table.from_pylist(list(fastavro.reader(source)))


def _iceberg(lake: FolderLake, meta: ExternalMeta) -> tuple[list[ExternalFile], dict[str, str], str]:
    found = iceberg_files(lake, meta.properties.get("metadata_location", ""))
    files = [ExternalFile(_local(lake, one.url), one.url, one.size) for one in found.data]
    kinds = dict(meta.columns)
    wanted = [(number, name) for number, name in found.fields if name in kinds]
    columns = {name: f"s.{quoted(name)}" for _, name in wanted}
    if not files:
        return files, columns, ""
    # By the fields' numbers: a column that was renamed is still itself.
    source = f"read_parquet({_paths(files)}, schema = {_by_number(wanted, kinds)}, filename = 'ls_file'"
    if not found.positions and not found.equalities:
        return files, columns, f"{source})"
    left = [*_not_at_positions(lake, found), *_not_equal(lake, found, dict(wanted), kinds)]
    return files, columns, f"(SELECT * FROM {source}, file_row_number = true) AS d WHERE {' AND '.join(left)})"


def _local(lake: FolderLake, url: str) -> str:
    return str(readable(lake.head(*split_url(url))).path)


def _by_number(wanted: list[tuple[int, str]], kinds: dict[str, str]) -> str:
    fields = (
        f"{number}: {{name: {sql_text(name)}, type: {sql_text(engine_type(kinds[name]))}, default_value: NULL}}"
        for number, name in wanted
    )
    return f"MAP {{{', '.join(fields)}}}"


def _not_at_positions(lake: FolderLake, found: IcebergFiles) -> list[str]:
    """Rows whose file and place in it no position delete names."""
    if not found.positions:
        return []
    deletes = ", ".join(engine_path(_local(lake, url)) for url in found.positions)
    names = ", ".join(f"({sql_text(_local(lake, one.url))}, {sql_text(one.written)})" for one in found.data)
    return [
        f"NOT EXISTS (SELECT 1 FROM read_parquet([{deletes}], union_by_name = true) AS p JOIN (VALUES {names}) AS "
        "n(path, written) ON n.written = p.file_path WHERE n.path = d.ls_file AND p.pos = d.file_row_number)"
    ]


def _not_equal(lake: FolderLake, found: IcebergFiles, names: dict[int, str], kinds: dict[str, str]) -> list[str]:
    """Rows of the files an equality delete is about that have none of its values; NULL equals NULL."""
    left = []
    for deletes in found.equalities:
        about = ", ".join(sql_text(_local(lake, one.url)) for one in found.data if deletes.reaches(one))
        if not about:
            continue
        if any(number not in names for number in deletes.fields):
            raise NotSupportedLocallyError(
                "An Iceberg table with deletes by a column that it has no more", "Rewrite its data files.", _PAGE
            )
        fields = [(number, names[number]) for number in deletes.fields]
        rows = f"read_parquet([{engine_path(_local(lake, deletes.url))}], schema = {_by_number(fields, kinds)})"
        equal = " AND ".join(f"e.{quoted(name)} IS NOT DISTINCT FROM d.{quoted(name)}" for _, name in fields)
        left.append(f"(d.ls_file NOT IN ({about}) OR NOT EXISTS (SELECT 1 FROM {rows} AS e WHERE {equal}))")
    return left or ["true"]
