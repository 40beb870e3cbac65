"""Redshift Spectrum: external schemas and tables over a catalog, their partitions, formats and nested columns."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from lakeshift.errors import LakeshiftError, NotSupportedLocallyError
from lakeshift.lake import FolderLake
from lakeshift.redshift import RedshiftError, Warehouse
from tests.unit.redshift.loading import LoadBench


class FakeCatalog:
    """A table catalog in a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, dict[str, Any]]] = {}
        self.parts: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def has_database(self, name: str) -> bool:
        return name in self.held

    def create_database(self, name: str) -> None:
        self.held[name] = {}

    def drop_database(self, name: str) -> None:
        del self.held[name]

    def tables(self, database: str) -> list[dict[str, Any]]:
        return list(self.held[database].values())

    def table(self, database: str, name: str) -> dict[str, Any] | None:
        return self.held[database].get(name)

    def create_table(self, database: str, table: dict[str, Any]) -> None:
        self.held[database][table["Name"]] = table

    update_table = create_table

    def drop_table(self, database: str, name: str) -> None:
        del self.held[database][name]
        self.parts.pop((database, name), None)

    def partitions(self, database: str, table: str) -> list[dict[str, Any]]:
        return list(self.parts.get((database, table), []))

    def create_partitions(self, database: str, table: str, partitions: Sequence[dict[str, Any]]) -> None:
        self.parts.setdefault((database, table), []).extend(partitions)

    def drop_partition(self, database: str, table: str, values: Sequence[str]) -> None:
        self.parts[database, table] = [one for one in self.parts[database, table] if one["Values"] != list(values)]


class Bench(LoadBench):
    """An external schema ``lake`` over an empty catalog."""

    def __init__(self, warehouse: Warehouse, catalog: FakeCatalog) -> None:
        super().__init__(warehouse)
        self.catalog = catalog
        catalog.held.clear()
        catalog.parts.clear()
        self.run(
            "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'glue' IAM_ROLE default "
            "CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )

    def scanned(self) -> tuple[Any, ...]:
        """(partitions, those that qualified, files) of the last scan."""
        return self.rows(
            "SELECT total_partitions, qualified_partitions, scanned_files FROM sys_external_query_detail "
            "ORDER BY start_time DESC, query_id DESC LIMIT 1"
        )[0]


@pytest.fixture(scope="module")
def catalog() -> FakeCatalog:
    return FakeCatalog()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, catalog: FakeCatalog) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    (folder / "buckets" / "data").mkdir(parents=True)
    made = Warehouse(folder / "warehouse.duckdb", FolderLake(folder / "buckets"), catalog)
    yield made
    made.close()


@pytest.fixture
def bench(warehouse: Warehouse, catalog: FakeCatalog) -> Iterator[Bench]:
    made = Bench(warehouse, catalog)
    yield made
    made.session.close()


@pytest.fixture
def days(bench: Bench) -> Bench:
    """``lake.f``: three days of two rows; the files of every other partition are no Parquet, so reading them fails."""
    bench.run(
        "CREATE EXTERNAL TABLE lake.f (a int, b varchar(9)) PARTITIONED BY (day date, region char(3)) "
        "STORED AS PARQUET LOCATION 's3://data/f/'"
    )
    for number, day in enumerate(("2013-01-01", "2013-01-02", "2013-01-03")):
        bench.run(
            f"ALTER TABLE lake.f ADD PARTITION (day='{day}', region='JFK') LOCATION 's3://data/f/{day}/JFK/' "
            f"PARTITION (day='{day}', region='EWR') LOCATION 's3://data/elsewhere/{day}/'"
        )
        bench.parquet(f"f/{day}/JFK/1.parquet", {"a": pa.array([number, 10 + number], pa.int32()), "b": ["x", "y"]})
        bench.put(f"elsewhere/{day}/1.parquet", "not to be opened")
    return bench


# condition, rows by a, partitions that qualify
PRUNED = {
    "one key and a day": ("region = 'JFK' AND day = '2013-01-02'", [1, 11], 1),
    "a range": ("region = 'JFK' AND day > '2013-01-01'", [1, 2, 11, 12], 2),
    "a function of a key": ("region = 'JFK' AND date_part(day, day) = 3", [2, 12], 1),
    "in": ("region IN ('JFK') AND day IN ('2013-01-01', '2013-01-03')", [0, 2, 10, 12], 2),
    "between": ("region = 'JFK' AND day BETWEEN '2013-01-01' AND '2013-01-02'", [0, 1, 10, 11], 2),
    "a key and a column": ("region = 'JFK' AND day = '2013-01-02' AND a > 5", [11], 1),
    "or of keys": ("region = 'JFK' AND (day = '2013-01-01' OR day = '2013-01-03')", [0, 2, 10, 12], 2),
    "nothing": ("region = 'LGA'", [], 0),
}


@pytest.mark.parametrize("case", PRUNED)
def test_only_files_of_partitions_that_qualify_are_opened(days: Bench, case: str) -> None:
    condition, found, qualified = PRUNED[case]
    assert [a for (a,) in days.rows(f"SELECT a FROM lake.f WHERE {condition} ORDER BY a")] == found
    assert days.scanned() == (6, qualified, qualified)


def test_a_table_of_all_partitions_opens_all_files(days: Bench) -> None:
    with pytest.raises(RedshiftError):
        days.rows("SELECT * FROM lake.f")


def test_a_join_prunes_by_its_own_conditions_only(days: Bench) -> None:
    days.run("CREATE TABLE d (day date, n int)")
    days.run("INSERT INTO d VALUES ('2013-01-02', 7)")
    sql = "SELECT f.a, d.n FROM d JOIN lake.f AS f ON f.day = d.day AND f.region = 'JFK' ORDER BY 1"
    assert days.rows(sql) == [(1, 7), (11, 7)]
    assert days.scanned() == (6, 3, 3)


def test_an_outer_join_reads_the_whole_table(days: Bench) -> None:
    days.run("CREATE TABLE d (day date)")
    with pytest.raises(RedshiftError):
        days.rows("SELECT f.a FROM d LEFT JOIN lake.f AS f ON f.day = d.day WHERE f.region = 'JFK'")


def test_a_partition_key_is_a_column_with_its_type(days: Bench) -> None:
    sql = "SELECT * FROM lake.f WHERE region = 'JFK' AND day = '2013-01-01' ORDER BY a LIMIT 1"
    ((a, b, day, region),) = days.rows(sql)
    assert (a, b, str(day), region) == (0, "x", "2013-01-01", "JFK")


def test_path_and_size_are_there_when_they_are_asked_for(days: Bench) -> None:
    sql = "SELECT DISTINCT \"$path\", \"$size\" FROM lake.f WHERE region = 'JFK' AND day = '2013-01-01'"
    size = len(days.get("f/2013-01-01/JFK/1.parquet"))
    assert days.rows(sql) == [("s3://data/f/2013-01-01/JFK/1.parquet", size)]


def test_a_dropped_partition_is_not_read(days: Bench) -> None:
    for day in ("2013-01-01", "2013-01-02", "2013-01-03"):
        days.run(f"ALTER TABLE lake.f DROP PARTITION (day='{day}', region='EWR')")
    assert days.rows("SELECT count(*) FROM lake.f") == [(6,)]


def test_a_late_binding_view_sees_the_partitions_of_now(days: Bench) -> None:
    days.run("CREATE VIEW v AS SELECT a, day FROM lake.f WHERE region = 'JFK' WITH NO SCHEMA BINDING")
    assert days.rows("SELECT count(*) FROM v") == [(6,)]
    days.run("ALTER TABLE lake.f DROP PARTITION (day='2013-01-01', region='JFK')")
    assert days.rows("SELECT count(*) FROM v") == [(4,)]


def test_external_views_tell_schema_tables_columns_and_partitions(days: Bench) -> None:
    assert days.rows("SELECT schemaname, databasename FROM svv_external_schemas") == [("lake", "glue")]
    assert days.rows("SELECT tablename, location FROM svv_external_tables") == [("f", "s3://data/f/")]
    columns = days.rows("SELECT columnname, external_type, part_key FROM svv_external_columns ORDER BY columnnum")
    assert columns == [("a", "int", 0), ("b", "varchar(9)", 0), ("day", "date", 1), ("region", "char(3)", 2)]
    values = days.rows("SELECT values FROM svv_external_partitions ORDER BY 1 LIMIT 1")
    assert json.loads(values[0][0]) == ["2013-01-01", "EWR"]


TWO = {"a": [1, 2], "b": ["x", "y"]}


def _orc() -> bytes:
    sink = io.BytesIO()
    orc.write_table(pa.table({"a": pa.array([1, 2], pa.int32()), "b": ["x", "y"]}), sink)
    return sink.getvalue()


def _avro() -> bytes:
    sink = io.BytesIO()
    fields = [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    fastavro.writer(sink, fastavro.parse_schema({"type": "record", "name": "r", "fields": fields}), rows)
    return sink.getvalue()


# how the table is stored, its file
FORMATS: dict[str, tuple[str, bytes]] = {
    "orc": ("STORED AS ORC", _orc()),
    "avro": ("STORED AS AVRO", _avro()),
    "text": ("ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE", b"1|x\n2|y\n"),
    "text by default": ("", b"1\x01x\n2\x01y\n"),
    "tabs": (r"ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' LINES TERMINATED BY '\n'", b"1\tx\n2\ty\n"),
    "csv": (
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES "
        "('separatorChar' = ',', 'quoteChar' = '\"') STORED AS TEXTFILE",
        b'"1","x"\n"2","y"\n',
    ),
    "a header": (
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' TABLE PROPERTIES ('skip.header.line.count' = '1')",
        b"a,b\n1,x\n2,y\n",
    ),
    "json": ("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n'),
}


@pytest.mark.parametrize("case", FORMATS)
def test_format_is_read(bench: Bench, case: str) -> None:
    stored, data = FORMATS[case]
    stored, _, properties = stored.partition("TABLE PROPERTIES")
    more = f"TABLE PROPERTIES{properties}" if properties else ""
    bench.run(f"CREATE EXTERNAL TABLE lake.t (a int, b varchar(9)) {stored} LOCATION 's3://data/t/' {more}")
    bench.put("t/1", data)
    bench.put("t/_SUCCESS", "hidden")
    bench.put("t/.hidden", "hidden")
    assert bench.rows("SELECT a, b FROM lake.t ORDER BY a") == [(1, "x"), (2, "y")]


def test_text_that_does_not_fit_its_type_is_an_error(bench: Bench) -> None:
    bench.run("CREATE EXTERNAL TABLE lake.t (a int, b varchar(9)) LOCATION 's3://data/t/'")
    bench.put("t/1", b"one\x01x\n")
    with pytest.raises(RedshiftError, match="one"):
        bench.rows("SELECT * FROM lake.t")


def test_parquet_is_read_by_names_and_a_column_it_lacks_is_null(bench: Bench) -> None:
    bench.run("CREATE EXTERNAL TABLE lake.t (b varchar(9), a int, c int) STORED AS PARQUET LOCATION 's3://data/t'")
    bench.parquet("t/1.parquet", {"A": pa.array([1], pa.int32()), "B": ["x"]})
    bench.parquet("t/2.parquet", {"a": pa.array([2], pa.int32()), "b": ["y"], "c": pa.array([3], pa.int32())})
    assert bench.rows("SELECT a, b, c FROM lake.t ORDER BY a") == [(1, "x", None), (2, "y", 3)]


def test_a_table_without_files_is_empty(bench: Bench) -> None:
    bench.run("CREATE EXTERNAL TABLE lake.t (a int) STORED AS PARQUET LOCATION 's3://data/none/'")
    assert bench.rows("SELECT count(*), max(a) FROM lake.t") == [(0, None)]


def test_structs_arrays_and_maps_are_reached(bench: Bench) -> None:
    bench.run(
        "CREATE EXTERNAL TABLE lake.c (id int, name struct<given:varchar(20), family:varchar(20)>, "
        "phones array<varchar(20)>, orders array<struct<price:double precision, item:varchar(9)>>, "
        "tags map<varchar(9), int>) STORED AS PARQUET LOCATION 's3://data/c/'"
    )
    kind = pa.map_(pa.string(), pa.int32())
    bench.parquet("c/1.parquet", {
        "id": pa.array([1, 2], pa.int32()),
        "name": [{"given": "Ann", "family": "A"}, {"given": "Bob", "family": "B"}],
        "phones": [["1", "2"], []],
        "orders": [[{"price": 1.5, "item": "x"}, {"price": 2.5, "item": "y"}], []],
        "tags": pa.array([[("k", 7)], []], kind),
    })  # fmt: skip
    assert bench.rows("SELECT c.name.given FROM lake.c c ORDER BY c.id") == [("Ann",), ("Bob",)]
    assert bench.rows("SELECT c.id, o.price FROM lake.c c, c.orders o ORDER BY 2") == [(1, 1.5), (1, 2.5)]
    assert bench.rows("SELECT c.id, p FROM lake.c c, c.phones p ORDER BY 2") == [(1, "1"), (1, "2")]
    assert bench.rows("SELECT t.key, t.value FROM lake.c c, c.tags t") == [("k", 7)]
    left = "SELECT c.id, o.item FROM lake.c c LEFT JOIN c.orders o ON true ORDER BY 1, 2"
    assert bench.rows(left) == [(1, "x"), (1, "y"), (2, None)]


@pytest.mark.parametrize("stored", ["PARQUET", "TEXTFILE"])
def test_insert_writes_files_and_registers_partitions(bench: Bench, stored: str) -> None:
    bench.run(
        f"CREATE EXTERNAL TABLE lake.w (a int, b varchar(9)) PARTITIONED BY (day date) STORED AS {stored} "
        "LOCATION 's3://data/w/'"
    )
    bench.run("CREATE TABLE s (a int, b varchar(9), day date)")
    bench.run("INSERT INTO s VALUES (1, 'x', '2013-01-01'), (2, 'y', '2013-01-02'), (3, NULL, '2013-01-02')")
    assert bench.run("INSERT INTO lake.w SELECT * FROM s").row_count == 3
    assert {key.split("/")[1] for key in bench.objects()} == {"day=2013-01-01", "day=2013-01-02"}
    assert bench.run("INSERT INTO lake.w SELECT 4, 'z', CAST('2013-01-02' AS date)").row_count == 1
    assert bench.rows("SELECT a, b FROM lake.w WHERE day = '2013-01-02' ORDER BY a") == [(2, "y"), (3, None), (4, "z")]
    assert len(bench.catalog.partitions("glue", "w")) == 2


def test_create_external_table_as_writes_the_query(bench: Bench) -> None:
    bench.run("CREATE TABLE s (a int, b varchar(9), r char(2))")
    bench.run("INSERT INTO s VALUES (1, 'x', 'eu'), (2, 'y', 'us')")
    made = bench.run(
        "CREATE EXTERNAL TABLE lake.w PARTITIONED BY (r) STORED AS PARQUET LOCATION 's3://data/w/' "
        "AS SELECT a, b, r FROM s"
    )
    assert made.row_count == 2
    assert bench.rows("SELECT a, r FROM lake.w WHERE r = 'us'") == [(2, "us")]


def _parquet(bench: Bench, key: str, columns: dict[tuple[int, str], pa.Array]) -> None:
    """A file whose columns have the numbers of the table's fields."""
    schema = pa.schema(
        [
            pa.field(name, values.type, metadata={"PARQUET:field_id": str(number)})
            for (number, name), values in columns.items()
        ]
    )
    sink = io.BytesIO()
    pq.write_table(pa.table(list(columns.values()), schema=schema), sink)
    bench.put(f"i/data/{key}.parquet", sink.getvalue())


def _ints(*values: int | None) -> pa.Array:
    return pa.array(values, pa.int32())


def _entry(
    name: str, status: int = 1, content: int = 0, sequence: int | None = None, ids: list[int] | None = None,
    kind: str = "PARQUET", part: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    file = {
        "content": content, "file_path": f"s3a://data/i/data/{name}.parquet", "file_format": kind,
        "file_size_in_bytes": 1, "equality_ids": ids, "partition": {"p": part} if part else {},
    }  # fmt: skip
    return {"status": status, "sequence_number": sequence, "data_file": file}


def _entries(*parts: str) -> dict[str, Any]:
    """The schema of a manifest of files with those partition fields."""
    fields = [{"name": part, "type": ["null", "string"]} for part in parts]
    return {"type": "record", "name": "manifest_entry", "fields": [
        {"name": "status", "type": "int"},
        {"name": "sequence_number", "type": ["null", "long"]},
        {"name": "data_file", "type": {"type": "record", "name": "r2", "fields": [
            {"name": "content", "type": "int"}, {"name": "file_path", "type": "string"},
            {"name": "file_format", "type": "string"}, {"name": "file_size_in_bytes", "type": "long"},
            {"name": "equality_ids", "type": ["null", {"type": "array", "items": "int"}]},
            {"name": "partition", "type": {"type": "record", "name": "r102", "fields": fields}}]}}]}  # fmt: skip


_LIST: dict[str, Any] = {"type": "record", "name": "l", "fields": [
    {"name": "manifest_path", "type": "string"}, {"name": "sequence_number", "type": "long"},
    {"name": "partition_spec_id", "type": "int"}]}  # fmt: skip


def iceberg(bench: Bench, *more: dict[str, Any]) -> None:
    """A table of two data files, one of them from before a column was renamed, and entries of ``more`` files.

    1: (1, 10), (2, 20), (NULL, 30) under sequence number 1; 2: (3, 10), (4, 40) under 2.
    """
    _parquet(bench, "1", {(1, "old"): _ints(1, 2, None), (2, "b"): _ints(10, 20, 30)})
    _parquet(bench, "2", {(1, "a"): _ints(3, 4), (2, "b"): _ints(10, 40)})
    data = [_entry("1", sequence=1, part="x"), _entry("2", 0, sequence=2, part="y"), _entry("gone", 2, part="x")]
    parted = [*data, *(one for one in more if one["data_file"]["partition"])]
    plain = [one for one in more if not one["data_file"]["partition"]]
    listed = [
        {"manifest_path": f"s3://data/i/metadata/{name}.avro", "sequence_number": 5, "partition_spec_id": number}
        for number, name in enumerate(("parted", "plain"))
    ]
    for key, schema, records in (
        ("parted", _entries("p"), parted), ("plain", _entries(), plain), ("list", _LIST, listed)
    ):  # fmt: skip
        sink = io.BytesIO()
        fastavro.writer(sink, fastavro.parse_schema(schema), records)
        bench.put(f"i/metadata/{key}.avro", sink.getvalue())
    metadata = {
        "current-schema-id": 1,
        "schemas": [{"schema-id": 1, "fields": [{"id": 1, "name": "a", "type": "int"},
                                                {"id": 2, "name": "b", "type": "int"}]}],
        "current-snapshot-id": 5,
        "snapshots": [{"snapshot-id": 5, "manifest-list": "s3://data/i/metadata/list.avro"}],
    }  # fmt: skip
    bench.put("i/metadata/v1.json", json.dumps(metadata))
    bench.catalog.create_table("glue", {
        "Name": "i", "Parameters": {"table_type": "ICEBERG", "metadata_location": "s3://data/i/metadata/v1.json"},
        "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}, {"Name": "b", "Type": "int"}],
                              "Location": "s3://data/i"},
    })  # fmt: skip


def test_iceberg_reads_the_current_snapshot_by_field_numbers(bench: Bench) -> None:
    iceberg(bench)
    assert bench.rows("SELECT a FROM lake.i ORDER BY a") == [(1,), (2,), (3,), (4,), (None,)]


def _position(bench: Bench, key: str, *places: tuple[str, int]) -> None:
    paths = pa.array([f"s3a://data/i/data/{name}.parquet" for name, _ in places])
    rows = pa.array([row for _, row in places], pa.int64())
    _parquet(bench, key, {(2147483546, "file_path"): paths, (2147483545, "pos"): rows})


DELETES: dict[str, tuple[list[dict[str, Any]], list[int | None]]] = {
    "by position": ([_entry("positions", content=1)], [2, 3, None]),
    "by a value, from every older file": ([_entry("tens", content=2, ids=[2])], [2, 4, None]),
    "by a value, not from newer files": ([_entry("tens", content=2, ids=[2], sequence=2)], [2, 3, 4, None]),
    "by NULL": ([_entry("nulls", content=2, ids=[1])], [1, 2, 3, 4]),
    "by two values": ([_entry("pairs", content=2, ids=[1, 2])], [1, 2, 4, None]),
    "by a value, in its partition": ([_entry("tens", content=2, ids=[2], part="y")], [1, 2, 4, None]),
    "by both": ([_entry("positions", content=1), _entry("nulls", content=2, ids=[1])], [2, 3]),
    "a delete file that is deleted": ([_entry("tens", 2, content=2, ids=[2])], [1, 2, 3, 4, None]),
}


@pytest.mark.parametrize(("files", "left"), DELETES.values(), ids=DELETES.keys())
def test_iceberg_deletes_are_applied(bench: Bench, files: list[dict[str, Any]], left: list[int | None]) -> None:
    iceberg(bench, *files)
    _position(bench, "positions", ("1", 0), ("2", 1), ("elsewhere", 1))
    _parquet(bench, "tens", {(2, "b"): _ints(10)})
    _parquet(bench, "nulls", {(1, "a"): _ints(None)})
    _parquet(bench, "pairs", {(1, "a"): _ints(3, 1), (2, "b"): _ints(10, 99)})
    assert bench.rows("SELECT a FROM lake.i ORDER BY a") == [(value,) for value in left]
    assert bench.rows("SELECT count(*) FROM lake.i WHERE \"$path\" LIKE '%/2.parquet'")[0][0] == sum(
        value in (3, 4) for value in left
    )


@pytest.mark.parametrize(
    ("entry", "feature"),
    [
        (_entry("vector", content=1, kind="PUFFIN"), "An Iceberg table of PUFFIN"),
        (_entry("lost", content=2, ids=[7]), "deletes by a column that it has no more"),
    ],
    ids=["deletion vectors", "a column that was dropped"],
)
def test_iceberg_deletes_that_are_not_read_are_refused(bench: Bench, entry: dict[str, Any], feature: str) -> None:
    iceberg(bench, entry)
    _parquet(bench, "lost", {(7, "c"): _ints(1)})
    with pytest.raises(NotSupportedLocallyError, match=feature):
        bench.rows("SELECT a FROM lake.i")


REFUSED: dict[str, tuple[str, type[LakeshiftError], str]] = {
    "federated postgres": (
        "CREATE EXTERNAL SCHEMA p FROM POSTGRES DATABASE 'd' URI 'h'", NotSupportedLocallyError, "FROM POSTGRES"),
    "kinesis": ("CREATE EXTERNAL SCHEMA p FROM KINESIS IAM_ROLE default", NotSupportedLocallyError, "FROM KINESIS"),
    "msk": ("CREATE EXTERNAL SCHEMA p FROM MSK IAM_ROLE default", NotSupportedLocallyError, "FROM MSK"),
    "a schema twice": (
        "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'glue' IAM_ROLE default", RedshiftError,
        "already exists"),
    "a database that is not there": (
        "CREATE EXTERNAL SCHEMA p FROM DATA CATALOG DATABASE 'none' IAM_ROLE default", RedshiftError, "does not exist"),
    "no role": ("CREATE EXTERNAL SCHEMA p FROM DATA CATALOG DATABASE 'glue' IAM_ROLE 'me'", RedshiftError, "IAM role"),
    "a table outside of external schemas": (
        "CREATE EXTERNAL TABLE public.t (a int) STORED AS PARQUET LOCATION 's3://data/t/'", RedshiftError,
        "not an external schema"),
    "a table without a place": ("CREATE EXTERNAL TABLE lake.t (a int) STORED AS PARQUET", RedshiftError, "LOCATION"),
    "sequence files": (
        "CREATE EXTERNAL TABLE lake.t (a int) STORED AS SEQUENCEFILE LOCATION 's3://data/t/'", NotSupportedLocallyError,
        "SEQUENCEFILE"),
    "a table that is not there": ("SELECT * FROM lake.none", RedshiftError, '"lake.none" does not exist'),
    "a partition by another key": (
        "ALTER TABLE lake.f ADD PARTITION (a='1') LOCATION 's3://data/f/'", RedshiftError, "must name day, region"),
    "update": ("UPDATE lake.f SET a = 1", RedshiftError, "not a table"),
    "delete": ("DELETE FROM lake.f", RedshiftError, "not a table"),
    "insert of fewer columns": ("INSERT INTO lake.f SELECT 1", RedshiftError, "more target columns"),
    "a bound view": ("CREATE VIEW v AS SELECT a FROM lake.f WHERE region = 'JFK'", RedshiftError, "NO SCHEMA BINDING"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(days: Bench, case: str) -> None:
    sql, kind, message = REFUSED[case]
    with pytest.raises(kind) as caught:
        days.run(sql)
    assert message in str(caught.value)


@pytest.mark.parametrize("sql", [
    "CREATE EXTERNAL TABLE lake.t (a int) STORED AS PARQUET LOCATION 's3://data/t/'",
    "ALTER TABLE lake.f SET LOCATION 's3://data/g/'",
    "INSERT INTO lake.f SELECT 1, 'x', CAST('2013-01-01' AS date), 'JFK'",
])  # fmt: skip
def test_no_change_of_a_lake_is_part_of_a_transaction(days: Bench, sql: str) -> None:
    days.run("BEGIN")
    with pytest.raises(RedshiftError, match="cannot run inside a transaction block"):
        days.run(sql)
    days.run("ROLLBACK")


def test_dropping_leaves_the_objects(days: Bench) -> None:
    before = days.objects()
    days.run("DROP TABLE lake.f")
    assert days.catalog.table("glue", "f") is None
    days.run("DROP SCHEMA lake DROP EXTERNAL DATABASE")
    assert not days.catalog.has_database("glue")
    assert days.objects() == before


def test_state_survives_another_session(days: Bench, warehouse: Warehouse) -> None:
    other = warehouse.session(days.session.database)
    sql = "SELECT count(*) FROM lake.f WHERE region = 'JFK'"
    assert other.execute(sql).rows == [(6,)]
    other.close()
