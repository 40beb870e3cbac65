"""Which runs a warm worker may take, and what becomes of a worker: fakes for the processes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeshift.glue_runtime.launch import OWN_PROCESS
from lakeshift.glue_runtime.spark_settings import heap_megabytes
from lakeshift.local.glue.jobs import workers
from lakeshift.local.glue.jobs.run import JobRun
from lakeshift.local.glue.jobs.workers import NO_HEAP, WorkerPool, heap_of, idle_workers

BEGUN, READY, GOOD = {"begun": True}, {"ready": True}, {"status": 0, "sound": True}


def a_run(command: str = "glueetl", version: str | None = "5.1", **arguments: str) -> JobRun:
    given = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    where = {"Name": command, "ScriptLocation": "s3://code/job.py"}
    return JobRun("jr_1", "job", "1", "r", where, given, 0.0, glue_version=version)


@pytest.mark.parametrize(
    ("run", "warm"),
    [
        pytest.param(a_run(), True, id="a Spark job"),
        pytest.param(a_run(command="gluestreaming"), True, id="a streaming job"),
        pytest.param(a_run(additional_python_modules="s3://code/a.whl"), True, id="modules of its own"),
        pytest.param(a_run(lakeshift_cold="false"), True, id="cold is false"),
        pytest.param(a_run(extra_jars=""), True, id="no extra jar at all"),
        pytest.param(a_run(lakeshift_cold="true"), False, id="cold asked for"),
        pytest.param(a_run(extra_jars="s3://code/a.jar"), False, id="other jars"),
        pytest.param(a_run(conf="spark.sql.extensions=x"), False, id="settings of its own"),
        pytest.param(a_run(datalake_formats="iceberg"), False, id="a table format's settings"),
        pytest.param(a_run(version="4.0"), False, id="another Glue version"),
    ],
)
def test_a_run_with_nothing_of_its_own_in_the_jvm_may_be_warm(run: JobRun, warm: bool) -> None:
    assert heap_of(run) == (heap_megabytes("G.1X", 1) if warm else None)


@pytest.mark.parametrize(
    ("run", "heap"),
    [
        pytest.param(a_run(command="pythonshell"), NO_HEAP, id="no JVM"),
        pytest.param(a_run(command="pythonshell", version=None, conf="a=b"), NO_HEAP, id="what only Spark reads"),
        pytest.param(a_run(command="pythonshell", lakeshift_cold="true"), None, id="cold asked for"),
    ],
)
def test_a_python_shell_run_takes_a_worker_without_a_jvm(run: JobRun, heap: int | None) -> None:
    assert heap_of(run) == heap


@pytest.mark.parametrize(("megabytes", "workers"), [(8_000, 1), (11_999, 1), (12_000, 2), (64_000, 2)])
def test_a_small_machine_keeps_one_worker(megabytes: int, workers: int) -> None:
    assert idle_workers(megabytes) == workers


class FakeWorker:
    """Answers from a list; None is a worker that has died."""

    def __init__(self, heap: int, *answers: dict[str, Any] | None) -> None:
        self.heap, self.ended = heap, 0
        self.ran: Counter[str] = Counter()
        self.asked: list[Path] = []
        self.answers = list(answers)
        self.process = self

    session = 7

    @property
    def runs(self) -> int:
        return self.ran.total()

    def ask(self, folder: Path, job: str) -> None:
        self.ran[job] += 1
        self.asked.append(folder)

    def answer(self) -> dict[str, Any] | None:
        return self.answers.pop(0)

    def end(self, _grace: float = 0.0) -> int:
        self.ended += 1
        return 137


@pytest.fixture
def made() -> list[FakeWorker]:
    return []


@pytest.fixture
def pool_of(made: list[FakeWorker], monkeypatch: pytest.MonkeyPatch) -> Callable[..., WorkerPool]:
    """A pool whose workers give these answers, one list each; what it does in the background, it does at once."""
    monkeypatch.setattr(threading.Thread, "start", threading.Thread.run)

    def pool(*scripts: list[dict[str, Any] | None], keep: int = 2) -> WorkerPool:
        waiting = list(scripts)

        def start(heap: int) -> Any:
            made.append(FakeWorker(heap, *(waiting.pop(0) if waiting else [])))
            return made[-1]

        monkeypatch.setattr(threading, "Timer", _NoTimer)
        return WorkerPool(start, keep)

    return pool


class _NoTimer:
    daemon = True

    def __init__(self, *_: object, **__: object) -> None: ...

    def start(self) -> None: ...

    def cancel(self) -> None: ...


FOLDER = Path("/run")


def test_the_next_run_takes_the_worker_of_a_good_one(
    pool_of: Callable[..., WorkerPool], made: list[FakeWorker]
) -> None:
    pool = pool_of([BEGUN, GOOD, READY, BEGUN, GOOD])
    assert [pool.take(1024, FOLDER, "job").wait(), pool.take(1024, FOLDER, "job").wait()] == [0, 0]
    assert [(worker.runs, worker.ended) for worker in made] == [(2, 0)]


@pytest.mark.parametrize(
    ("job", "runs"),
    [
        pytest.param("first", [2, 1], id="the one that has run it"),
        pytest.param("other", [1, 2], id="of those that have not, the last at work"),
    ],
)
def test_a_job_goes_to_the_worker_that_is_warm_for_it(
    pool_of: Callable[..., WorkerPool], made: list[FakeWorker], job: str, runs: list[int]
) -> None:
    pool = pool_of([BEGUN, GOOD, READY, BEGUN, GOOD], [BEGUN, GOOD, READY, BEGUN, GOOD])
    begun = [pool.take(1024, FOLDER, name) for name in ("first", "second")]
    for run in begun:
        run.wait()
    pool.take(1024, FOLDER, job).wait()
    assert [worker.runs for worker in made] == runs


@pytest.mark.parametrize(
    ("sound", "after"),
    [pytest.param(True, [(1, 0)], id="it stays"), pytest.param(False, [(1, 1), (0, 0)], id="it ends, another waits")],
)
def test_what_becomes_of_a_worker_after_a_failed_run_is_told_by_itself(
    pool_of: Callable[..., WorkerPool], made: list[FakeWorker], sound: bool, after: list[tuple[int, int]]
) -> None:
    assert pool_of([BEGUN, {"status": 1, "sound": sound}]).take(1024, FOLDER, "job").wait() == 1
    assert [(worker.runs, worker.ended) for worker in made] == after


def test_a_stop_ends_the_worker(pool_of: Callable[..., WorkerPool], made: list[FakeWorker]) -> None:
    run = pool_of([BEGUN, None]).take(1024, FOLDER, "job")
    run.end(0.0)
    assert run.wait() == 137
    assert made[0].ended == 2


def test_a_stop_that_comes_too_late_does_not_touch_the_next_run(
    pool_of: Callable[..., WorkerPool], made: list[FakeWorker]
) -> None:
    run = pool_of([BEGUN, GOOD]).take(1024, FOLDER, "job")
    run.wait()
    run.end(0.0)
    assert made[0].ended == 0


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        pytest.param([None], OWN_PROCESS, id="before the run began: it may start elsewhere"),
        pytest.param([READY, None], OWN_PROCESS, id="while it cleared up after another"),
        pytest.param([BEGUN, None], 137, id="in the run: that is how the run ended"),
    ],
)
def test_a_worker_that_dies(
    pool_of: Callable[..., WorkerPool], answers: list[dict[str, Any] | None], status: int
) -> None:
    assert pool_of(answers).take(1024, FOLDER, "job").wait() == status


def test_runs_of_another_size_get_another_worker(pool_of: Callable[..., WorkerPool], made: list[FakeWorker]) -> None:
    pool = pool_of([BEGUN, GOOD], [BEGUN, GOOD])
    pool.take(1024, FOLDER, "job").wait()
    pool.take(2048, FOLDER, "job").wait()
    assert [worker.heap for worker in made] == [1024, 2048]


def test_no_more_workers_wait_than_there_is_room_for(
    pool_of: Callable[..., WorkerPool], made: list[FakeWorker]
) -> None:
    pool = pool_of([BEGUN, GOOD], [BEGUN, GOOD], keep=1)
    runs = [pool.take(1024, FOLDER, "job"), pool.take(1024, FOLDER, "job")]
    for run in runs:
        run.wait()
    assert [worker.ended for worker in made] == [0, 1]


def test_workers_with_a_jvm_and_without_have_room_each(
    pool_of: Callable[..., WorkerPool], made: list[FakeWorker]
) -> None:
    pool = pool_of([BEGUN, GOOD], [BEGUN, GOOD], keep=1)
    runs = [pool.take(1024, FOLDER, "job"), pool.take(NO_HEAP, FOLDER, "job")]
    for run in runs:
        run.wait()
    assert [worker.ended for worker in made] == [0, 0]


def test_one_of_each_is_prepared(pool_of: Callable[..., WorkerPool], made: list[FakeWorker]) -> None:
    pool = pool_of()
    for heap in (1024, NO_HEAP, NO_HEAP, 2048):
        pool.prepare(heap)
    assert [worker.heap for worker in made] == [1024, NO_HEAP]


def test_a_worker_ends_after_so_many_runs(
    pool_of: Callable[..., WorkerPool], made: list[FakeWorker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_RUNS", 2)
    pool = pool_of([BEGUN, GOOD, READY, BEGUN, GOOD])
    for _ in range(2):
        pool.take(1024, FOLDER, "job").wait()
    assert [(worker.runs, worker.ended) for worker in made] == [(2, 1), (0, 0)]


def test_closing_ends_all_and_prepares_none(pool_of: Callable[..., WorkerPool], made: list[FakeWorker]) -> None:
    pool = pool_of()
    pool.prepare(1024)
    pool.prepare(1024)
    pool.close()
    pool.prepare(1024)
    assert [worker.ended for worker in made] == [1]
