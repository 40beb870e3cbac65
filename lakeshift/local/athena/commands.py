"""DDL and SHOW: what they change in the catalog, and the lines they answer with.

https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from botocore.exceptions import ClientError

from lakeshift.local.athena.catalog import Catalog, parse_url
from lakeshift.local.athena.failures import QueryError, refused
from lakeshift.local.athena.selecting import parse, view_query
from lakeshift.local.athena.tables import ddl_of, parse_create

__all__ = ["Commands", "is_command"]

_NAME: Final = r"`?(?:(?P<db>\w+)`?\.`?)?(?P<name>[\w$-]+)`?"
_ANY_NAME: Final = _NAME.replace("`", '[`"]')
_SPEC: Final = re.compile(r"PARTITION\s*\((?P<keys>[^)]*)\)(?:\s*LOCATION\s*'(?P<location>[^']*)')?", re.IGNORECASE)
_PAIR: Final = re.compile(r"`?(\w+)`?\s*=\s*(?:'((?:[^']|'')*)'|([\w.-]+))")
_BATCH: Final = 100
_WORDS: Final = ("CREATE", "DROP", "ALTER", "MSCK", "SHOW", "DESCRIBE", "DESC", "REPAIR")
Lines = list[str]


def is_command(sql: str) -> bool:
    """Whether the statement is DDL or SHOW: everything but a query, INSERT, UNLOAD and CREATE TABLE AS."""
    return sql.split(maxsplit=1)[0].upper() in _WORDS


def _like(pattern: str) -> re.Pattern[str]:
    """Hive's pattern: ``*`` and ``|``."""
    return re.compile("|".join(re.escape(part).replace(r"\*", ".*") for part in pattern.split("|")), re.IGNORECASE)


class Commands:
    """Runs them for one query's database."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._glue = catalog.glue

    def run(self, sql: str) -> Lines:
        """The lines of the answer; raises QueryError."""
        text = " ".join(sql.split()) if not sql.upper().lstrip().startswith("CREATE") else sql.strip()
        for pattern, method in _COMMANDS:
            found = re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL)
            if found is not None:
                try:
                    return method(self, found)
                except ClientError as error:
                    told = error.response["Error"]
                    raise QueryError(f"FAILED: {told['Code']}: {told['Message']}") from error
        word = " ".join(text.split()[:2]).upper()
        raise refused(word, "Change the catalog with the Glue API.")

    def _table(self, found: re.Match[str]) -> dict[str, Any]:
        return self._catalog.need((found["db"] or "").lower() or None, found["name"].lower())

    # Databases.

    def _create_database(self, found: re.Match[str]) -> Lines:
        given: dict[str, Any] = {"Name": found["name"].lower()}
        for key, name in (("comment", "Description"), ("location", "LocationUri")):
            if found[key]:
                given[name] = found[key]
        try:
            self._glue.create_database(DatabaseInput=given)
        except ClientError as error:
            if not (found["exists"] and error.response["Error"]["Code"] == "AlreadyExistsException"):
                raise
        return []

    def _drop_database(self, found: re.Match[str]) -> Lines:
        name = found["name"].lower()
        try:
            tables = self._tables(name)
        except ClientError:
            if found["exists"]:
                return []
            raise
        if tables and not found["cascade"]:
            raise QueryError(f"FAILED: SemanticException: InvalidOperationException: Database {name} is not empty. "
                             "One or more tables exist.")  # fmt: skip
        self._glue.delete_database(Name=name)
        return []

    def _show_databases(self, found: re.Match[str]) -> Lines:
        pages = self._glue.get_paginator("get_databases").paginate()
        names = sorted(one["Name"] for page in pages for one in page["DatabaseList"])
        return [name for name in names if not found["like"] or _like(found["like"]).fullmatch(name)]

    # Tables.

    def _tables(self, database: str) -> list[dict[str, Any]]:
        pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return [one for page in pages for one in page["TableList"]]

    def _create_table(self, found: re.Match[str]) -> Lines:
        database, given = parse_create(parse(found[0]))
        parse_url(given["StorageDescriptor"]["Location"])
        try:
            self._glue.create_table(DatabaseName=database or self._catalog.database, TableInput=given)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise
            if not found["exists"]:
                raise QueryError(f"FAILED: AlreadyExistsException: Table {given['Name']} already exists") from error
        return []

    def _create_view(self, found: re.Match[str]) -> Lines:
        database, name = (found["db"] or self._catalog.database).lower(), found["name"].lower()
        query = found["query"].strip()
        parse(query)
        document: dict[str, Any] = {
            "originalSql": query,
            "catalog": "awsdatacatalog",
            "schema": database,
            "columns": [],
        }
        encoded = base64.b64encode(json.dumps(document).encode()).decode()
        given: dict[str, Any] = {
            "Name": name,
            "TableType": "VIRTUAL_VIEW",
            "ViewOriginalText": f"/* Presto View: {encoded} */",
            "ViewExpandedText": "/* Presto View */",
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "StorageDescriptor": {"Columns": [], "SerdeInfo": {}},
        }
        there = self._catalog.find(database, name)
        if there is not None and not found["replace"]:
            raise QueryError(f"line 1:1: View '{database}.{name}' already exists")
        if there is not None and there.get("TableType") != "VIRTUAL_VIEW":
            raise QueryError(f"line 1:1: '{database}.{name}' is a table, not a view")
        change = self._glue.create_table if there is None else self._glue.update_table
        change(DatabaseName=database, TableInput=given)
        return []

    def _drop_table(self, found: re.Match[str]) -> Lines:
        database, name = (found["db"] or "").lower() or None, found["name"].lower()
        there = self._catalog.find(database, name)
        if there is None:
            if found["exists"]:
                return []
            raise QueryError(f"FAILED: SemanticException [Error 10001]: Table not found {name}")
        wanted = "VIRTUAL_VIEW" if found["kind"].upper() == "VIEW" else None
        if (there.get("TableType") == "VIRTUAL_VIEW") != (wanted is not None):
            raise QueryError(f"FAILED: {name} is {'a view' if wanted is None else 'a table'}: use DROP "
                             f"{'VIEW' if wanted is None else 'TABLE'}")  # fmt: skip
        self._glue.delete_table(DatabaseName=database or self._catalog.database, Name=name)
        return []

    def _show_tables(self, found: re.Match[str]) -> Lines:
        tables = self._tables((found["in"] or self._catalog.database).lower())
        views = found["kind"].upper() == "VIEWS"
        names = sorted(one["Name"] for one in tables if not views or one.get("TableType") == "VIRTUAL_VIEW")
        return [name for name in names if not found["like"] or _like(found["like"]).fullmatch(name)]

    def _show_create(self, found: re.Match[str]) -> Lines:
        table = self._table(found)
        if table.get("TableType") == "VIRTUAL_VIEW":
            return [f"CREATE VIEW {table['DatabaseName']}.{table['Name']} AS", *view_query(table).splitlines()]
        return ddl_of(table)

    def _show_columns(self, found: re.Match[str]) -> Lines:
        table = self._table(found)
        columns = [*table["StorageDescriptor"].get("Columns", []), *table.get("PartitionKeys", [])]
        return [f"{one['Name']:<20}" for one in columns]

    def _show_properties(self, found: re.Match[str]) -> Lines:
        return [f"{key}\t{value}" for key, value in sorted(self._table(found).get("Parameters", {}).items())]

    def _describe(self, found: re.Match[str]) -> Lines:
        table = self._table(found)
        if found["formatted"]:
            raise refused(f"DESCRIBE {found['formatted'].upper()}", "Write DESCRIBE, or SHOW CREATE TABLE.")
        keys = table.get("PartitionKeys", [])
        columns = [*table["StorageDescriptor"].get("Columns", []), *keys]
        lines = [f"{one['Name']:<20}\t{one['Type']:<20}\t{one.get('Comment', ''):<20}" for one in columns]
        if keys:
            lines += [
                "\t \t ",
                "# Partition Information\t \t ",
                "# col_name            \tdata_type           \tcomment             ",
            ]
            lines += [
                "\t \t ",
                *(f"{one['Name']:<20}\t{one['Type']:<20}\t{one.get('Comment', ''):<20}" for one in keys),
            ]
        return lines

    def _set_properties(self, found: re.Match[str]) -> Lines:
        pairs = re.findall(r"'([^']*)'\s*=\s*'([^']*)'", found["properties"])
        self._change(self._table(found), lambda table: table["Parameters"].update(dict(pairs)))
        return []

    def _set_location(self, found: re.Match[str]) -> Lines:
        parse_url(found["location"])
        self._change(self._table(found), lambda table: table["StorageDescriptor"].update(Location=found["location"]))
        return []

    def _add_columns(self, found: re.Match[str]) -> Lines:
        made = parse(f"CREATE EXTERNAL TABLE t ({found['columns']}) STORED AS PARQUET LOCATION 's3://b/'")
        _, given = parse_create(made)
        new = given["StorageDescriptor"]["Columns"]
        replace = found["verb"].upper() == "REPLACE"
        self._change(
            self._table(found),
            lambda table: table["StorageDescriptor"].update(
                Columns=new if replace else [*table["StorageDescriptor"]["Columns"], *new]
            ),
        )
        return []

    def _change(self, table: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> None:
        kept = (
            "Name",
            "Description",
            "Owner",
            "Retention",
            "StorageDescriptor",
            "PartitionKeys",
            "TableType",
            "Parameters",
        )
        given = {key: table[key] for key in kept if key in table}
        given.setdefault("Parameters", {})
        change(given)
        self._glue.update_table(DatabaseName=table["DatabaseName"], TableInput=given)

    # Partitions.

    def _show_partitions(self, found: re.Match[str]) -> Lines:
        table = self._table(found)
        if not table.get("PartitionKeys"):
            raise QueryError(
                f"FAILED: SemanticException [Error 10241]: Table {table['Name']} is not a partitioned table"
            )
        names = [key["Name"] for key in table["PartitionKeys"]]
        return sorted(
            "/".join(f"{name}={value}" for name, value in zip(names, one.values, strict=True))
            for one in self._catalog.partitions(table)
        )

    def _values(self, table: dict[str, Any], text: str) -> list[str]:
        given = {key.lower(): quoted.replace("''", "'") or plain for key, quoted, plain in _PAIR.findall(text)}
        names = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
        if set(given) != set(names):
            raise QueryError(f"FAILED: SemanticException: partition spec {{{text}}} doesn't contain all ({len(names)}) "
                             "partition columns")  # fmt: skip
        return [given[name] for name in names]

    def _add_partitions(self, found: re.Match[str]) -> Lines:
        table = self._table(found)
        names = [key["Name"] for key in table.get("PartitionKeys", [])]
        root = table["StorageDescriptor"]["Location"].rstrip("/")
        new = []
        for spec in _SPEC.finditer(found["specs"]):
            values = self._values(table, spec["keys"])
            place = "/".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
            new.append((values, spec["location"] or f"{root}/{place}"))
        self._add(table, new, exists=bool(found["exists"]))
        return []

    def _add(self, table: dict[str, Any], new: list[tuple[list[str], str]], *, exists: bool) -> None:
        for start in range(0, len(new), _BATCH):
            given = [
                {"Values": values, "StorageDescriptor": {**table["StorageDescriptor"], "Location": location}}
                for values, location in new[start : start + _BATCH]
            ]
            told = self._glue.batch_create_partition(
                DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionInputList=given
            )
            for error in told.get("Errors", []):
                detail = error["ErrorDetail"]
                if not (exists and detail["ErrorCode"] == "AlreadyExistsException"):
                    raise QueryError(f"FAILED: {detail['ErrorCode']}: {detail['ErrorMessage']}")

    def _drop_partitions(self, found: re.Match[str]) -> Lines:
        table = self._table(found)
        for spec in _SPEC.finditer(found["specs"]):
            values = self._values(table, spec["keys"])
            try:
                self._glue.delete_partition(
                    DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionValues=values
                )
            except ClientError as error:
                if not (found["exists"] and error.response["Error"]["Code"] == "EntityNotFoundException"):
                    raise
        return []

    def add_folders(self, table: dict[str, Any], places: list[str]) -> None:
        """Make folders that were just written partitions."""
        root = table["StorageDescriptor"]["Location"].rstrip("/")
        new = []
        for place in places:
            folders = place.removeprefix(f"{root}/").split("/")
            new.append(([unquote(folder.partition("=")[2]) for folder in folders], place))
        self._add(table, new, exists=True)

    def _repair(self, found: re.Match[str]) -> Lines:
        """MSCK REPAIR TABLE: folders named ``key=value`` that the catalog does not know become partitions."""
        table = self._table(found)
        names = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
        if not names:
            raise QueryError(f"FAILED: SemanticException: Table {table['Name']} is not a partitioned table")
        root = table["StorageDescriptor"]["Location"].rstrip("/")
        known = {one.values for one in self._catalog.partitions(table)}
        there: dict[tuple[str, ...], str] = {}
        for _, url, _ in self._catalog.files(root, restored=True):
            folders = url.removeprefix(f"{root}/").split("/")[:-1][: len(names)]
            pairs = [folder.partition("=") for folder in folders]
            if [pair[0].lower() for pair in pairs] == names:
                there[tuple(unquote(pair[2]) for pair in pairs)] = "/".join([root, *folders])
        new = [(list(values), place) for values, place in sorted(there.items()) if values not in known]
        self._add(table, new, exists=True)
        if not new:
            return []
        specs = [f"{table['Name']}:{'/'.join(place.removeprefix(root + '/').split('/'))}" for _, place in new]
        return [
            f"Partitions not in metastore:\t{chr(9).join(specs)}",
            *(f"Repair: Added partition to metastore {one}" for one in specs),
        ]


_LIKE: Final = r"(?:\s+(?:LIKE\s+)?'(?P<like>[^']*)')?"
_COMMANDS: Final[tuple[tuple[str, Callable[[Commands, re.Match[str]], Lines]], ...]] = (
    (
        r"CREATE\s+(?:DATABASE|SCHEMA)\s+(?P<exists>IF\s+NOT\s+EXISTS\s+)?`?(?P<name>\w+)`?(?:\s+COMMENT\s+'(?P<comment>"
        r"[^']*)')?(?:\s+LOCATION\s+'(?P<location>[^']*)')?(?:\s+WITH\s+DBPROPERTIES\s*\(.*\))?",
        Commands._create_database,
    ),
    (
        r"DROP (?:DATABASE|SCHEMA) (?P<exists>IF EXISTS )?`?(?P<name>\w+)`?(?P<cascade> CASCADE)?(?: RESTRICT)?",
        Commands._drop_database,
    ),
    (rf"SHOW (?:DATABASES|SCHEMAS){_LIKE}", Commands._show_databases),
    (r"CREATE\s+EXTERNAL\s+TABLE\s+(?P<exists>IF\s+NOT\s+EXISTS\s+)?.*", Commands._create_table),
    (
        rf"CREATE\s+(?P<replace>OR\s+REPLACE\s+)?VIEW\s+{_ANY_NAME}\s+AS\s+(?P<query>.*)",
        Commands._create_view,
    ),
    (rf"DROP (?P<kind>TABLE|VIEW) (?P<exists>IF EXISTS )?{_ANY_NAME}", Commands._drop_table),
    (rf"SHOW (?P<kind>TABLES|VIEWS)(?: IN `?(?P<in>\w+)`?)?{_LIKE}", Commands._show_tables),
    (rf"SHOW CREATE (?:TABLE|VIEW) {_NAME}", Commands._show_create),
    (rf"SHOW COLUMNS (?:IN|FROM) {_NAME}", Commands._show_columns),
    (rf"SHOW TBLPROPERTIES {_NAME}", Commands._show_properties),
    (rf"SHOW PARTITIONS {_NAME}", Commands._show_partitions),
    (rf"(?:DESCRIBE|DESC) (?P<formatted>FORMATTED |EXTENDED )?{_NAME}", Commands._describe),
    (rf"ALTER TABLE {_NAME} SET TBLPROPERTIES ?\((?P<properties>.*)\)", Commands._set_properties),
    (rf"ALTER TABLE {_NAME} SET LOCATION '(?P<location>[^']*)'", Commands._set_location),
    (rf"ALTER TABLE {_NAME} (?P<verb>ADD|REPLACE) COLUMNS ?\((?P<columns>.*)\)", Commands._add_columns),
    (rf"ALTER TABLE {_NAME} ADD (?P<exists>IF NOT EXISTS )?(?P<specs>PARTITION.*)", Commands._add_partitions),
    (rf"ALTER TABLE {_NAME} DROP (?P<exists>IF EXISTS )?(?P<specs>PARTITION.*)", Commands._drop_partitions),
    (rf"MSCK REPAIR TABLE {_NAME}", Commands._repair),
)
