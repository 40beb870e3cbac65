"""A load that is cut anywhere and tried again: nothing is lost, nothing is there twice. On the real engine, in process.

The cuts: before anything is sent, before or after any statement of the transaction (an error, or the server killed and
its file opened again), after the commit (the reply lost, or the server killed), and a second run beside the first.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from common.arguments import StageArguments
from common.audit import Audit
from common.data_api import DataApi, StatementFailedError
from common.data_api import Warehouse as Where
from common.objects import Objects
from common.redshift import LoadFile, manifest
from jobs import load_redshift
from lakeshift.deploy.migrations import read_migrations
from lakeshift.errors import LakeshiftError
from lakeshift.lake import FolderLake
from lakeshift.redshift import Session, Warehouse
from tests.unit.common.fakes import FakeS3

ROOT = Path(__file__).resolve().parents[3]
SQL = ROOT / "sql" / "redshift"
MARTS, CODE = "s3://lake-marts", "s3://lake-ops/code/1"
ARGUMENTS = StageArguments(
    "load_redshift", "lake", "run-2", "load_redshift", "j",
    {"code_prefix": CODE, "copy_role": "arn:aws:iam::000000000000:role/copy"},
)  # fmt: skip
ROWS: dict[str, dict[str, Any]] = {
    "airlines": {"carrier": ["AA", "UA", "B6"], "name": ["American", "United", "JetBlue"]},
    "airports": {
        "faa": ["JFK", "EWR"], "name": ["Kennedy", "Newark"], "lat": [40.6, 40.7], "lon": [-73.8, -74.2],
        "alt": pa.array([13, 18], pa.int32()), "tz": pa.array([-5, -5], pa.int32()), "dst": ["A", "A"],
        "tzone": ["America/New_York", None],
    },
}  # fmt: skip
STATEMENTS = 14  # of the transaction of both sets


class CutError(ConnectionError):
    """The reply never came."""


class Server:
    """A cluster in process: its file, which outlives a kill."""

    def __init__(self, folder: Path) -> None:
        self.lake = FolderLake(folder / "s3")
        for bucket in ("lake-marts", "lake-ops"):
            (folder / "s3" / bucket).mkdir(parents=True)
        self.file = folder / "warehouse.duckdb"
        self.warehouse = Warehouse(self.file, self.lake)

    def kill(self) -> None:
        """What is not committed is gone; the next one opens the file."""
        self.warehouse.close()
        self.warehouse = Warehouse(self.file, self.lake)


class CutClient:
    """The Data API over the engine; ``cut`` says where it breaks, once."""

    def __init__(self, server: Server, database: str, cut: tuple[str, int] | None) -> None:
        self._server = server
        self._database = database
        self._cut = cut
        self._done: dict[str, Any] = {}

    def _breaks(self, kind: str, at: int = 0) -> bool:
        if self._cut != (kind, at):
            return False
        self._cut = None
        return True

    def batch_execute_statement(self, Sqls: list[str], StatementName: str, **where: str) -> dict[str, str]:
        if self._breaks("before it is sent"):
            raise CutError
        if self._breaks("beside another run"):
            self._batch(Sqls)
        told = self._batch(Sqls)
        for kind in ("reply lost", "killed after the commit"):
            if self._breaks(kind):
                if kind.startswith("killed"):
                    self._server.kill()
                raise CutError
        key = f"s{len(self._done)}"
        self._done[key] = told
        return {"Id": key}

    def _batch(self, sqls: list[str]) -> dict[str, Any]:
        session = self._server.warehouse.session(self._database)
        parts: list[dict[str, Any]] = []
        session.execute("BEGIN")
        for at, sql in enumerate(sqls):
            if self._breaks("killed before statement", at):
                session.close()
                self._server.kill()
                raise CutError
            run = "SELECT 1 / 0" if self._breaks("error in statement", at) else sql
            try:
                parts.append({"Status": "FINISHED", "ResultRows": session.execute(run).row_count})
            except LakeshiftError as error:
                session.execute("ROLLBACK")
                session.close()
                parts.append({"Status": "FAILED", "Error": str(error)})
                return {"Status": "FAILED", "SubStatements": parts, "Error": str(error)}
        session.execute("COMMIT")
        session.close()
        return {"Status": "FINISHED", "SubStatements": parts}

    def execute_statement(self, Sql: str, **where: Any) -> dict[str, str]:
        session = self._server.warehouse.session(self._database)
        found = session.execute(Sql).rows
        session.close()
        key = f"s{len(self._done)}"
        self._done[key] = {"Status": "FINISHED", "rows": found}
        return {"Id": key}

    def describe_statement(self, Id: str) -> dict[str, Any]:
        if "SubStatements" in self._done[Id] and self._breaks("description lost"):
            raise CutError
        return self._done[Id]

    def get_statement_result(self, Id: str) -> dict[str, Any]:
        rows = [
            [{"longValue": cell} if isinstance(cell, int) else {"stringValue": cell} for cell in row]
            for row in self._done[Id]["rows"]
        ]
        return {"Records": rows}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("cluster"))
    yield made
    made.warehouse.close()


@pytest.fixture(scope="module")
def s3(server: Server) -> FakeS3:
    """Two load sets of one pipeline run; the engine's lake holds the same bytes."""
    marts: dict[str, bytes] = {}
    for name, columns in ROWS.items():
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        key = f"load/run-1/{name}/1.parquet"
        marts[key] = sink.getvalue()
        count = len(next(iter(columns.values())))
        document = manifest([LoadFile(f"{MARTS}/{key}", len(sink.getvalue()), count)])
        marts[f"load/run-1/{name}.manifest"] = json.dumps(document).encode()
    for key, data in marts.items():
        server.lake.put("lake-marts", key, data)
    code = {f"code/1/sql/redshift/{path.relative_to(SQL).as_posix()}": path.read_bytes() for path in SQL.rglob("*.sql")}
    return FakeS3(lake_marts=marts, lake_ops=code)


MIGRATIONS = read_migrations(ROOT)
TABLES = ("dim_carriers", "dim_airports", "dim_carriers_history", "dim_airports_history", "load_history")


def prepared(server: Server) -> str:
    """A database with empty tables of both sets: made once, emptied for each case."""
    session: Session = server.warehouse.session("cut")
    wanted = ("schemas/", "load_history", "carriers", "airports", "airlines")
    session.execute("BEGIN")
    if "flights" in session.catalog.schemas():
        for name in TABLES:
            session.execute(f"DELETE FROM flights.{name}")
    else:
        for one in MIGRATIONS:
            if any(word in one.path for word in wanted) and "/views/" not in one.path:
                for statement in one.statements:
                    session.execute(statement)
    session.execute("COMMIT")
    session.close()
    return "cut"


def run(client: CutClient, s3: FakeS3) -> Audit:
    """The stage as the job runs it."""
    audit = Audit("load_redshift", "j", "run-2")
    api = DataApi(client, Where("c", "d", "u"), pause=lambda _: None)
    objects = Objects(s3)
    for sets in load_redshift.pending(objects, MARTS, api.rows(load_redshift.HISTORY)):
        load_redshift.load(api, objects, sets, ARGUMENTS, audit)
    return audit


def counts(server: Server, database: str) -> dict[str, int]:
    session = server.warehouse.session(database)
    each = ", ".join(f"(SELECT count(*) FROM flights.{name})" for name in TABLES)
    found = dict(zip(TABLES, session.execute(f"SELECT {each}").rows[0], strict=True))
    session.close()
    return found


WHOLE = {
    "dim_carriers": 3,
    "dim_airports": 2,
    "dim_carriers_history": 3,
    "dim_airports_history": 2,
    "load_history": 2,
}
NOTHING = dict.fromkeys(WHOLE, 0)
COMMITTED = ("reply lost", "description lost", "killed after the commit", "beside another run")
CUTS = [
    ("before it is sent", 0),
    *((kind, 0) for kind in COMMITTED),
    *(("error in statement", at) for at in range(STATEMENTS)),
    *(("killed before statement", at) for at in range(STATEMENTS)),
]


@pytest.mark.parametrize(("kind", "at"), CUTS, ids=[f"{kind} {at}" for kind, at in CUTS])
def test_a_load_that_is_cut_and_tried_again_is_there_once(server: Server, s3: FakeS3, kind: str, at: int) -> None:
    database = prepared(server)
    client = CutClient(server, database, (kind, at))
    if kind == "beside another run":
        audit = run(client, s3)  # both ran; the second took its rows out again
        assert (audit.rows_in, audit.duplicates) == (5, 5)
    else:
        with pytest.raises((CutError, StatementFailedError)):
            run(client, s3)
    assert counts(server, database) == (WHOLE if kind in COMMITTED else NOTHING)
    again = run(client, s3)
    assert counts(server, database) == WHOLE
    assert again.rows_in == (0 if kind in COMMITTED else 5)


TWICE = [(first, second) for first in COMMITTED[:3] for second in ("before it is sent", *COMMITTED[:2])] + [
    (("killed before statement", at), "reply lost") for at in range(0, STATEMENTS, 2)
] + [(("error in statement", at), "killed after the commit") for at in range(1, STATEMENTS, 2)]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), TWICE, ids=[f"{one} then {two}" for one, two in TWICE])
def test_a_load_that_is_cut_twice_is_there_once(server: Server, s3: FakeS3, first: Any, second: str) -> None:
    database = prepared(server)
    for cut in (first if isinstance(first, tuple) else (first, 0), (second, 0)):
        try:
            run(CutClient(server, database, cut), s3)
        except (CutError, StatementFailedError):
            assert counts(server, database) in (WHOLE, NOTHING)
    run(CutClient(server, database, None), s3)
    assert counts(server, database) == WHOLE


def test_every_statement_of_the_transaction_is_cut() -> None:
    assert len(CUTS) + len(TWICE) >= 50
    sets = [load_redshift.LoadSet("run-1", name, f"{MARTS}/x", {"entries": []}) for name in ROWS]
    objects = Objects(FakeS3(lake_ops={
        f"code/1/sql/redshift/{path.relative_to(SQL).as_posix()}": path.read_bytes() for path in SQL.rglob("*.sql")
    }))  # fmt: skip
    assert sum(len(load_redshift.script(objects, CODE, one, "arn:x")) for one in sets) == STATEMENTS


def test_a_changed_row_ends_its_version_and_begins_one(server: Server, s3: FakeS3) -> None:
    database = prepared(server)
    run(CutClient(server, database, None), s3)
    session = server.warehouse.session(database)
    session.execute("UPDATE staging.airlines SET name = 'Delta' WHERE carrier = 'AA'")
    for statement in load_redshift.redshift.statements((SQL / "merge" / "airlines.sql").read_text()):
        session.execute(statement)
    found = session.execute(
        "SELECT name, valid_to IS NULL FROM flights.dim_carriers_history WHERE carrier = 'AA' ORDER BY valid_from, 2"
    ).rows
    session.close()
    assert sorted(found) == [("American", False), ("Delta", True)]
