"""One small Spark session for all Spark tests: no UI, two partitions, UTC, interpreted plans, a JVM of our own start.

``--session=default`` runs the same tests on ``SparkSession.builder.getOrCreate()``, to see what that is worth
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--session", choices=("own", "default", "sail"), default="own", help="whose Spark the tests get")


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
    sessions = {"own": _own, "default": _default, "sail": _sail}
    with sessions[request.config.getoption("--session", default="own")](home) as session:
        yield session
        session.stop()


@contextmanager
def _own(home: Path) -> Iterator[SparkSession]:
    """On a JVM that is one process from the start, with the classes that the set-up keeps ready."""
    from pyspark import SparkContext  # Sail's client has none

    from lakeshift.glue_runtime.gateway import start_gateway
    from lakeshift.glue_runtime.spark_settings import archives, job_jars
    from lakeshift.jvm import jars

    options = ["-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Dderby.system.home={home}"]
    conf = {**_CONF, "spark.sql.warehouse.dir": str(home / "warehouse"), "spark.local.dir": str(home)}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"):
            patch.setenv(name, "")  # as before at the end
        gateway = start_gateway(conf, options, job_jars([str(jar) for jar in jars.class_path()]), archives())
        gateway.connect()
        session = SparkSession.builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        SparkContext._gateway.shutdown()  # or what Python still holds of Java asks a JVM that has ended
        SparkContext._gateway = SparkContext._jvm = None
        gateway.close()


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
