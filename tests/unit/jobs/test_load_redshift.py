from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.arguments import StageArguments
from common.audit import Audit
from common.data_api import DataApi, StatementFailedError, Warehouse
from common.objects import Objects
from common.redshift import LoadFile, PlaceholderError, manifest
from jobs import load_redshift
from tests.unit.common.fakes import FakeDataApi, FakeS3

MARTS = "s3://lake-marts"
CODE = "s3://lake-ops/code/1"
SQL = Path(__file__).resolve().parents[3] / "sql" / "redshift"
ROLE = "arn:aws:iam::000000000000:role/copy"
ARGUMENTS = StageArguments(
    "load_redshift", "lake", "run-2", "load_redshift", "j", {"code_prefix": CODE, "copy_role": ROLE}
)


def lake(*sets: str, rows: int = 3) -> FakeS3:
    """Load sets ``<run>/<name>`` of ``rows`` each, and the SQL files of this repository as they are deployed."""
    document = json.dumps(manifest([LoadFile("s3://lake-marts/x.parquet", 10, rows)])).encode()
    code = {f"code/1/sql/redshift/{path.relative_to(SQL).as_posix()}": path.read_bytes() for path in SQL.rglob("*.sql")}
    return FakeS3(lake_marts={f"load/{name}.manifest": document for name in sets}, lake_ops=code)


def names(found: list[list[load_redshift.LoadSet]]) -> list[list[str]]:
    return [[f"{one.pipeline_run_id}/{one.name}" for one in sets] for sets in found]


PENDING = [
    pytest.param(["run-1/flights"], [], [["run-1/flights"]], id="one"),
    pytest.param(["run-1/flights"], [["run-1", "flights"]], [], id="loaded_is_not_pending"),
    pytest.param(["run-1/flights", "run-2/flights"], [["run-2", "flights"]], [["run-1/flights"]], id="left_behind"),
    pytest.param(
        ["run-1/flights", "run-1/planes", "run-2/weather"], [],
        [["run-1/planes", "run-1/flights"], ["run-2/weather"]], id="by_run_and_dimensions_first",
    ),
    pytest.param([], [], [], id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("sets", "loaded", "expected"), PENDING)
def test_what_the_history_does_not_know_is_pending(sets: list[str], loaded: list, expected: list) -> None:
    assert names(load_redshift.pending(Objects(lake(*sets)), MARTS, loaded)) == expected


def test_a_load_set_without_sql_is_refused() -> None:
    with pytest.raises(load_redshift.UnknownLoadSetError, match="no load is known for 'trains'"):
        load_redshift.pending(Objects(lake("run-1/trains")), MARTS, [])


def load(s3: FakeS3, fake: FakeDataApi) -> Audit:
    audit = Audit("load_redshift", "j", "run-2")
    api = DataApi(fake, Warehouse("c", "d", "u"), pause=lambda _: None)
    for sets in load_redshift.pending(Objects(s3), MARTS, []):
        load_redshift.load(api, Objects(s3), sets, ARGUMENTS, audit)
    return audit


def counts(**staging: int) -> dict[str, list[list[dict[str, int]]]]:
    return {f"SELECT COUNT(*) FROM staging.{name}": [[{"longValue": rows}]] for name, rows in staging.items()}


@pytest.mark.parametrize("name", load_redshift.STAGING)
def test_a_load_set_is_copy_merge_and_history_in_one_transaction(name: str) -> None:
    staging = load_redshift.STAGING[name]
    fake = FakeDataApi(results={f"SELECT COUNT(*) FROM {staging}": [[{"longValue": 3}]]})
    audit = load(lake(f"run-1/{name}"), fake)
    (batch,) = fake.batches
    words = [statement.split()[0] for statement in batch]
    older = ["DELETE"] if name == "flights" else []
    versions = ["UPDATE", "INSERT"] if name in ("airlines", "airports", "planes") else []
    assert words == ["DELETE", "COPY", "DELETE", *older, "MERGE", *versions, "INSERT"]
    assert f"COPY {staging}\nFROM 's3://lake-marts/load/run-1/{name}.manifest'" in batch[1]
    assert f"'{ROLE}'" in batch[1]
    assert f"'run-1', '{name}'" in batch[-1]
    assert "${" not in "".join(batch)
    assert (audit.rows_in, audit.rows_out, audit.files, audit.bytes) == (3, 3, 1, 10)


def test_rows_that_the_target_has_newer_are_duplicates() -> None:
    """The fake answers to statement n that it touched n rows: number 2 takes out a known set, number 3 older rows."""
    audit = load(lake("run-1/flights", rows=6), FakeDataApi(results=counts(flights_changes=1)))
    assert (audit.rows_in, audit.rows_out, audit.duplicates) == (6, 1, 5)
    audit.check()


def test_all_sets_of_a_run_are_one_transaction_and_runs_are_apart() -> None:
    fake = FakeDataApi(results=counts(flights_changes=3, planes=3))
    load(lake("run-1/flights", "run-1/planes", "run-2/flights"), fake)
    assert [len(batch) for batch in fake.batches] == [13, 6]
    assert fake.names == ["load-run-1", "load-run-2"]


def test_a_failed_load_names_its_statement() -> None:
    with pytest.raises(StatementFailedError, match=r"Statement 5 of 6 \(MERGE INTO flights.fact_flights"):
        load(lake("run-1/flights"), FakeDataApi(broken="MERGE"))


def test_a_run_id_that_could_be_sql_is_refused() -> None:
    with pytest.raises(PlaceholderError):
        load(lake("run'; DROP TABLE x; --/flights"), FakeDataApi())


def test_a_completed_run_leaves_the_ledger_for_the_next_check() -> None:
    s3 = lake()
    load_redshift.complete(Objects(s3), ARGUMENTS)
    assert ("lake-ops", "pipeline/completed.json") not in s3.objects
    s3.objects["lake-ops", "pipeline/run-2/listing.json"] = b'{"objects": {"s3://lake-raw/x": "e"}}'
    load_redshift.complete(Objects(s3), ARGUMENTS)
    assert json.loads(s3.objects["lake-ops", "pipeline/completed.json"]) == {
        "objects": {"s3://lake-raw/x": "e"}, "pipeline_run_id": "run-2",
    }  # fmt: skip
