"""One small Spark session for all Spark tests: no UI, two partitions, UTC, interpreted plans, a JVM of our own start.

``--session=warm`` (`make test T=path`) runs them on a JVM that stays for the next time (tests/spark/warm_jvm.py),
``--session=default`` on ``SparkSession.builder.getOrCreate()``, to see what that is worth
(benchmarks/tests_session.py), ``--session=sail`` on Sail (`make test-fast`). What holds is what Spark says: Sail is for
a first answer within seconds, and ``tests/spark/sail_differences.py`` names the tests that it does not pass.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from pyspark.sql import SparkSession

_CONF: Final = {
    "spark.master": "local[2]",
    "spark.app.name": "tests",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.session.timeZone": "UTC",
}


_KINDS: Final = ("own", "warm", "default", "sail")


def pytest_addoption(parser: pytest.Parser) -> None:
    # From the environment too: pytest knows the option where it is given a path below this folder.
    kind = os.environ.get("TEST_SESSION", "own")
    parser.addoption("--session", choices=_KINDS, default=kind, help="whose Spark the tests get")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files that Sail's environment cannot import; the summary names them."""
    if config.getoption("--session", default="own") != "sail":
        return None
    from tests.spark.sail_differences import NOT_THERE

    return collection_path.name in NOT_THERE or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that Sail is known not to pass must fail there: one that begins to pass is to be taken off the list."""
    if config.getoption("--session", default="own") == "sail":
        from tests.spark.sail_differences import reason

        for item in items:
            if why := reason(item.nodeid):
                item.add_marker(pytest.mark.xfail(reason=why, strict=True))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """How many tests Sail has passed: a test that does not run there is no test that passes."""
    if config.getoption("--session", default="own") == "sail":
        from tests.spark.sail_differences import NOT_THERE

        passed, known = (len(terminalreporter.stats.get(what, [])) for what in ("passed", "xfailed"))
        told = f"{passed} tests ran and passed on Sail; {known} are known to differ there and passed nothing"
        terminalreporter.write_line(f"{told}. What holds is what Spark says: make test")
        for name, why in NOT_THERE.items():
            terminalreporter.write_line(f"not read on Sail: {name}: {why}")


@pytest.fixture(scope="session")
def spark(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    home = tmp_path_factory.mktemp("spark")
    sessions = dict(zip(_KINDS, (_own, _warm, _default, _sail), strict=True))
    with sessions[request.config.getoption("--session", default="own")](home) as session:
        yield session
        session.stop()


@contextmanager
def _own(home: Path) -> Iterator[SparkSession]:
    """On a JVM that is one process from the start, with the classes that the set-up keeps ready."""
    from lakeshift.glue_runtime.gateway import start_gateway
    from lakeshift.glue_runtime.spark_settings import archives, job_jars
    from lakeshift.jvm import jars

    options = ["-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Dderby.system.home={home}"]
    with _gateway_of("", ""):
        gateway = start_gateway(_conf(home), options, job_jars([str(jar) for jar in jars.class_path()]), archives())
        gateway.connect()
        yield _session()
    gateway.close()


@contextmanager
def _warm(home: Path) -> Iterator[SparkSession]:
    """On the JVM that the sessions before have left warm."""
    from pyspark import SparkContext

    from lakeshift.glue_runtime.spark_run import properties_text
    from tests.spark.warm_jvm import warm_jvm

    with warm_jvm() as (port, secret), _gateway_of(str(port), secret):
        SparkContext._ensure_initialized()
        view: Any = SparkContext._jvm
        view.lakeshift.worker.SparkWorker.settings(properties_text(_conf(home)))
        yield _session()


def _conf(home: Path) -> dict[str, str]:
    return {**_CONF, "spark.sql.warehouse.dir": str(home / "warehouse"), "spark.local.dir": str(home)}


def _session() -> SparkSession:
    from tests.spark.local_rows import local_rows

    session: Any = SparkSession.builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.createDataFrame = local_rows(session, session.createDataFrame)
    return session


@contextmanager
def _gateway_of(port: str, secret: str) -> Iterator[None]:
    """Let pyspark use that gateway, and know of none afterwards."""
    from pyspark import SparkContext  # Sail's client has none

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_GATEWAY_PORT", port)  # as before at the end
        patch.setenv("PYSPARK_GATEWAY_SECRET", secret)
        yield
        SparkContext._gateway.shutdown()  # or what Python still holds of Java asks a JVM that has ended
        SparkContext._gateway = SparkContext._jvm = None


@contextmanager
def _default(home: Path) -> Iterator[SparkSession]:
    os.chdir(home)  # where it would put its warehouse
    yield SparkSession.builder.getOrCreate()


@contextmanager
def _sail(_home: Path) -> Iterator[SparkSession]:
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    _, port = server.listening_address
    session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    yield session
    server.stop()
