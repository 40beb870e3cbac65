"""The pure parts of deploy: diff, SQL, migrations, wheel, artefacts, retries, refusal of other machines."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshift.definitions import TYPES
from lakeshift.deploy.adapters import ADAPTERS, documents
from lakeshift.deploy.artefacts import collect
from lakeshift.deploy.diff import diff
from lakeshift.deploy.migrations import Migration, fits, pending, read_migrations, recorded_by
from lakeshift.deploy.retry import Retries, wait_until
from lakeshift.deploy.sql_text import checksum, quoted, statements
from lakeshift.deploy.wheel import build_wheel
from lakeshift.errors import LakeshiftError


@pytest.mark.parametrize(
    ("live", "want", "names"),
    [
        pytest.param({"A": 1, "Default": 2}, {"A": 1}, [], id="defaults-of-aws-do-not-count"),
        pytest.param({"A": {"B": 1}}, {"A": {"B": 2}}, ["A.B"], id="path-of-a-nested-field"),
        pytest.param({}, {"A": 1}, ["A"], id="missing"),
        pytest.param({}, {"A": ""}, [], id="nothing-declared-and-nothing-there"),
        pytest.param({"A": "14"}, {"A": 14}, [], id="text-that-says-the-number"),
        pytest.param({"A": "true"}, {"A": True}, [], id="text-that-says-the-truth-value"),
        pytest.param({"A": 2.0}, {"A": 2}, [], id="whole-number"),
        pytest.param({"A": "False"}, {"A": "false"}, ["A"], id="texts-are-compared-exactly"),
        pytest.param({"A": [1, 2]}, {"A": [1]}, ["A"], id="lists-of-other-length"),
        pytest.param({"A": [{"B": 1, "C": 2}]}, {"A": [{"B": 1}]}, [], id="declared-keys-inside-lists"),
        pytest.param({"A": 1}, {"A": {"B": 1}}, ["A"], id="other-shape"),
    ],
)
def test_diff(live: dict[str, Any], want: dict[str, Any], names: list[str]) -> None:
    assert [field.name for field in diff(live, want)] == names


@pytest.mark.parametrize(
    "want",
    [{"PASSWORD": "secret1"}, {"ConnectionProperties": {"PASSWORD": "secret1", "X": 1}}],
    ids=["itself", "inside"],
)
def test_passwords_are_not_shown(want: dict[str, Any]) -> None:
    (field,) = diff({}, want)
    assert "secret1" not in " ".join(field.shown())


def test_policies_that_say_the_same_are_equal() -> None:
    one = {"Statement": {"Action": "s3:*", "Resource": ["b", "a"], "Principal": {"AWS": "x"}}}
    other = '{"Statement": [{"Action": ["s3:*"], "Resource": ["a", "b"], "Principal": {"AWS": ["x"]}}]}'
    assert documents.policy(one) == documents.policy(other)


def test_every_type_has_an_adapter_whose_properties_are_known() -> None:
    assert set(ADAPTERS) == set(TYPES)
    for name, adapter in ADAPTERS.items():
        named = {*adapter.identity, *adapter.fixed, *adapter.write_only}
        assert named <= TYPES[name].properties, name


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        pytest.param("a; b;", ["a", "b"], id="two"),
        pytest.param("-- x;\na /* ; */ b", ["a b"], id="comments"),
        pytest.param("a ';' \";\" b", ["a ';' \";\" b"], id="quotes"),
        pytest.param("a 'it''s -- no'; b", ["a 'it''s -- no'", "b"], id="quote-in-quote"),
        pytest.param("f $$ x; y $$ z", ["f $$ x; y $$ z"], id="body"),
        pytest.param("f $b$ x; $$ $b$ z", ["f $b$ x; $$ $b$ z"], id="tagged-body"),
        pytest.param("a\n\n   b\t c", ["a b c"], id="white-space"),
        pytest.param("a - b / c", ["a - b / c"], id="operators"),
        pytest.param(" ;; ", [], id="nothing"),
    ],
)
def test_statements(sql: str, parts: list[str]) -> None:
    assert statements(sql) == parts


def test_comments_and_white_space_do_not_change_a_checksum_and_all_else_does() -> None:
    assert checksum(statements("a b;\n-- c")) == checksum(statements("a\n  b"))
    assert checksum(statements("a b")) != checksum(statements("a c"))
    assert checksum(statements("a; b")) != checksum(statements("a b"))


def test_quoted() -> None:
    assert quoted("it's \\") == "'it''s \\\\'"


def migration(path: str, count: int = 1, digest: str = "1") -> Migration:
    return Migration(path, tuple(f"s{number}" for number in range(count)), digest)


S, T, V = (f"sql/redshift/{name}/x.sql" for name in ("schemas", "tables", "views"))


@pytest.mark.parametrize(
    ("recorded", "left"),
    [
        pytest.param({}, [S, T, V], id="all-of-a-new-warehouse"),
        pytest.param({S: "1", T: "1", V: "1"}, [], id="unchanged-nothing"),
        pytest.param({S: "0", T: "1", V: "0"}, [S, V], id="changed-schemas-and-views-run-again"),
    ],
)
def test_pending(recorded: dict[str, str], left: list[str]) -> None:
    assert [one.path for one in pending([migration(S), migration(T), migration(V)], recorded)] == left


def test_a_changed_table_is_refused_with_what_to_do() -> None:
    with pytest.raises(LakeshiftError, match="ALTER TABLE"):
        pending([migration(T)], {T: "0"})


def test_a_file_and_its_record_are_one_transaction() -> None:
    made = recorded_by(migration(T, 2, "x"))
    assert made[:2] == ["s0", "s1"]
    assert len(made) == 4
    assert f"'{T}'" in made[2]
    assert f"('{T}', 'x')" in made[3]


def test_a_file_longer_than_a_transaction_is_refused() -> None:
    fits(migration(T, 38))
    with pytest.raises(LakeshiftError, match="Make two files"):
        fits(migration(T, 39))


def test_migrations_are_read_schemas_first(tmp_path: Path) -> None:
    for path in (V, T, S):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("SELECT 1;")
    assert [one.path for one in read_migrations(tmp_path)] == [S, T, V]


def package(root: Path) -> Path:
    folder = root / "common"
    (folder / "inner").mkdir(parents=True)
    (folder / "__init__.py").write_text("VALUE = 7\n")
    (folder / "py.typed").write_text("")
    (folder / "inner" / "__init__.py").write_text("")
    (folder / "notes.txt").write_text("not shipped")
    return folder


def test_a_wheel_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = package(tmp_path / "a"), package(tmp_path / "b")
    assert build_wheel(first, "1.0") == build_wheel(second, "1.0")
    names = zipfile.ZipFile(BytesIO(build_wheel(first, "1.0"))).namelist()
    assert names[:3] == ["common/__init__.py", "common/inner/__init__.py", "common/py.typed"]
    assert not any("notes" in name for name in names)


def test_a_wheel_is_imported_and_known_by_its_metadata(tmp_path: Path) -> None:
    wheel = tmp_path / "lakeshift_common-1.0-py3-none-any.whl"
    wheel.write_bytes(build_wheel(package(tmp_path), "1.0"))
    (found,) = importlib.metadata.distributions(path=[str(wheel)])
    assert (found.metadata["Name"], found.version) == ("lakeshift-common", "1.0")
    code = "import common; print(common.VALUE)"
    command = [sys.executable, "-S", "-c", code]
    told = subprocess.run(command, env={"PYTHONPATH": str(wheel)}, cwd="/", capture_output=True, check=True)
    assert told.stdout.strip() == b"7"


def test_code_is_addressed_by_its_content(tmp_path: Path) -> None:
    package(tmp_path)
    files = ("jobs/a.py", "jobs/__init__.py", "sql/redshift/copy/x.sql", "pipelines/n.asl.json", "jobs/a.yaml")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    first = collect(tmp_path, "bucket", "1.0")
    assert [one.path for one in first.artefacts] == [
        "jobs/a.py",
        "pipelines/n.asl.json",
        "sql/redshift/copy/x.sql",
        "wheels/lakeshift_common-1.0-py3-none-any.whl",
    ]
    assert first.parameters()["CommonWheel"] == f"s3://bucket/{first.key}/wheels/lakeshift_common-1.0-py3-none-any.whl"
    assert collect(tmp_path, "bucket", "1.0").key == first.key
    (tmp_path / "jobs/a.py").write_text("y")
    assert collect(tmp_path, "bucket", "1.0").key != first.key


def refusal(text: str) -> ClientError:
    return ClientError({"Error": {"Code": "InvalidInputException", "Message": text}}, "CreateJob")


class Clock:
    """Time that passes only by pauses."""

    def __init__(self) -> None:
        self.now = 0.0

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def read(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        pytest.param("Service is unable to assume provided role.", 3, id="a-new-role-is-waited-for"),
        pytest.param("Job is wrong.", 1, id="anything-else-is-told-at-once"),
    ],
)
def test_retries(text: str, calls: int) -> None:
    clock, made = Clock(), []

    def call() -> str:
        made.append(1)
        if len(made) < 3:
            raise refusal(text)
        return "done"

    retries = Retries(120, clock.pause, clock.read)
    if calls == 3:
        assert retries.run(call) == "done"
    else:
        with pytest.raises(ClientError):
            retries.run(call)
    assert len(made) == calls


def test_retries_end() -> None:
    clock = Clock()

    def call() -> None:
        raise refusal("Service is unable to assume provided role.")

    with pytest.raises(ClientError):
        Retries(120, clock.pause, clock.read).run(call)
    assert clock.now <= 120


def test_waiting_ends_with_what_was_waited_for() -> None:
    clock = Clock()
    with pytest.raises(LakeshiftError, match="The cluster c was not ready after 60 s"):
        wait_until(lambda: False, "The cluster c", 60, clock.pause, clock.read)
