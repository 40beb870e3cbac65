"""Job runs on warm workers through the Glue API: nothing of one run is seen by the next, and a stop is a stop."""

from __future__ import annotations

import json
import os
import textwrap
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from lakeshift.local.glue.backend import LocalGlueBackend
from lakeshift.local.glue.jobs.process import members
from lakeshift.local.server import LocalAws
from tests.local.gluejobs.helpers import alive

pytestmark = pytest.mark.spark

_LIVE = {"STARTING", "RUNNING", "WAITING", "STOPPING"}


@dataclass(frozen=True)
class Done:
    """A finished run: what the API shows, and what it printed."""

    shown: dict[str, Any]
    folder: Path

    @property
    def told(self) -> Any:
        """The JSON of its last line."""
        return json.loads((self.folder / "stdout").read_text().splitlines()[-1])


class Jobs:
    """Starts scripts as runs of one job."""

    def __init__(self, state: Path) -> None:
        self.glue, self.s3, self._state = boto3.client("glue"), boto3.client("s3"), state
        self.s3.create_bucket(Bucket="warm")

    def start(
        self, script: str, arguments: dict[str, str] | None = None, command_name: str = "glueetl"
    ) -> tuple[str, str]:
        name = f"job-{uuid.uuid4().hex[:8]}"
        self.s3.put_object(Bucket="warm", Key=f"{name}.py", Body=textwrap.dedent(script).encode())
        command = {"Name": command_name, "ScriptLocation": f"s3://warm/{name}.py"}
        self.glue.create_job(Name=name, Role="r", Command=command)
        return name, self.glue.start_job_run(JobName=name, Arguments=arguments or {})["JobRunId"]

    def shown(self, name: str, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return answer

    def finished(self, name: str, run_id: str) -> Done:
        deadline = time.monotonic() + 110
        while (shown := self.shown(name, run_id))["JobRunState"] in _LIVE:
            assert time.monotonic() < deadline, shown
            time.sleep(0.02)
        return Done(shown, self._state / "job-runs" / run_id)

    def run(self, script: str, arguments: dict[str, str] | None = None) -> Done:
        return self.finished(*self.start(script, arguments))


@pytest.fixture(scope="module")
def jobs(local_aws: LocalAws) -> Iterator[Jobs]:
    yield Jobs(local_aws.state.root)
    runner = LocalGlueBackend.runner
    assert runner is not None
    assert runner.workers is not None
    runner.workers.close()
    runner.workers._closed = False  # the next module may want some again


MESS = """
    import json, logging, os, sys
    import boto3, collections
    from pyspark.context import SparkContext
    from awsglue.context import GlueContext
    spark = GlueContext(SparkContext()).spark_session
    spark.range(5).createOrReplaceTempView("leak")
    spark.range(5).createOrReplaceGlobalTempView("global_leak")
    spark.sql("cache table leak")
    spark.conf.set("spark.sql.shuffle.partitions", "77")
    spark.conf.set("my.own", "1")
    spark.sparkContext.setLogLevel("OFF")
    spark.sql("create database leak_db")
    spark.udf.register("leak_udf", lambda: 1)
    jvm = spark.sparkContext._jvm
    jvm.System.setProperty("spark.my.property", "1")
    jvm.java.util.TimeZone.setDefault(jvm.java.util.TimeZone.getTimeZone("Asia/Tokyo"))
    jvm.System.out.println("printed by java")
    boto3.leak = collections.leak = 1
    sys.modules["leaked_module"] = sys
    os.environ["LEAK"] = "1"
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    sys.path.insert(0, "/leak")
    os.chdir("/")
    logging.getLogger().setLevel(logging.CRITICAL)
    print(json.dumps({"java": jvm.java.lang.ProcessHandle.current().pid(), "python": os.getpid(), "argv": sys.argv}))
"""

LOOK = """
    import json, logging, os, sys
    import boto3, collections
    from pyspark.context import SparkContext
    from awsglue.context import GlueContext
    from pyspark.sql import functions as F
    spark = GlueContext(SparkContext()).spark_session
    jvm = spark.sparkContext._jvm
    seen = {
        "a temporary view": spark.catalog.tableExists("leak"),
        "a global temporary view": spark.catalog.tableExists("global_temp.global_leak"),
        "a database": spark.catalog.databaseExists("leak_db"),
        "a function": spark.catalog.functionExists("leak_udf"),
        "cached rows": len(spark.sparkContext._jsc.getPersistentRDDs()),
        "a setting of Spark": spark.conf.get("spark.sql.shuffle.partitions") == "77",
        "a setting of its own": spark.conf.get("my.own", None),
        "a property of Java": jvm.System.getProperty("spark.my.property"),
        "Java's time zone": jvm.java.util.TimeZone.getDefault().getID() != "UTC",
        "Java's log level": jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel().toString() != "WARN",
        "a global of a module": hasattr(boto3, "leak") or hasattr(collections, "leak"),
        "a module": "leaked_module" in sys.modules,
        "an environment variable": os.environ.get("LEAK") or os.environ["AWS_DEFAULT_REGION"] != "us-east-1",
        "the import path": "/leak" in sys.path,
        "the working directory": os.getcwd() == "/",
        "Python's log level": logging.getLogger().level == logging.CRITICAL,
        "the arguments": [word for word in sys.argv if word in ("--only-once", "--lakeshift-cold")],
    }
    java = jvm.java.lang.ProcessHandle.current().pid()
    print(json.dumps({"java": java, "python": os.getpid(), "seen": seen}))
"""


@pytest.fixture(scope="module")
def two(jobs: Jobs) -> tuple[Done, Done]:
    """A run that leaves what a run can leave, and one right after it that looks for it."""
    messy = jobs.run(MESS, {"--only-once": "1", "--lakeshift-cold": "false"})
    assert messy.shown["JobRunState"] == "SUCCEEDED", messy.shown
    looked = jobs.run(LOOK)
    assert looked.shown["JobRunState"] == "SUCCEEDED", looked.shown
    return messy, looked


def test_two_runs_share_a_java_process_and_no_python_process(two: tuple[Done, Done]) -> None:
    messy, looked = two
    assert looked.told["java"] == messy.told["java"]
    assert looked.told["python"] != messy.told["python"]


def test_nothing_of_a_run_is_seen_by_the_next(two: tuple[Done, Done]) -> None:
    assert {what for what, found in two[1].told["seen"].items() if found} == set()


def test_our_own_argument_does_not_reach_the_script(two: tuple[Done, Done]) -> None:
    assert "--only-once" in two[0].told["argv"]
    assert "--lakeshift-cold" not in two[0].told["argv"]


def test_what_java_prints_goes_to_the_run_that_made_it_print(two: tuple[Done, Done]) -> None:
    printed = [(done.folder / "stdout").read_text().count("printed by java") for done in two]
    assert printed == [1, 0]
    streams = boto3.client("logs").get_log_events(
        logGroupName="/aws-glue/jobs/output", logStreamName=two[0].shown["Id"]
    )
    assert "printed by java" in [event["message"] for event in streams["events"]]


STOPPED_CONTEXT = """
    import json
    from pyspark.context import SparkContext
    context = SparkContext()
    context.stop()
    print(json.dumps({"java": context._gateway.jvm.java.lang.ProcessHandle.current().pid()}))
"""


def test_a_stopped_spark_context_is_not_the_next_runs(jobs: Jobs) -> None:
    java = jobs.run(STOPPED_CONTEXT).told["java"]
    again = jobs.run(LOOK)
    assert (again.shown["JobRunState"], again.told["java"]) == ("SUCCEEDED", java)


CATALOG = """
    import json
    from pyspark.context import SparkContext
    from pyspark.sql import SparkSession
    from awsglue.context import GlueContext
    spark = SparkSession.builder.enableHiveSupport().getOrCreate()
    java = spark._jvm.java.lang.ProcessHandle.current().pid()
    kind = spark.conf.get("spark.sql.catalogImplementation")
    print(json.dumps([java, spark.catalog.databaseExists("warm_db"), kind]))
"""


def test_spark_sql_sees_the_data_catalog_in_a_run_that_asks_for_it_and_in_no_other(jobs: Jobs) -> None:
    jobs.glue.create_database(DatabaseInput={"Name": "warm_db"})
    with_it = jobs.run(CATALOG, {"--enable-glue-datacatalog": "true"})
    without = jobs.run(CATALOG.replace(".enableHiveSupport()", ""))
    assert [done.shown.get("ErrorMessage") for done in (with_it, without)] == [None, None]
    java = with_it.told[0]
    assert [with_it.told, without.told] == [[java, True, "in-memory"], [java, False, "in-memory"]]


SURROUNDINGS = """
    import json, os
    from pathlib import Path
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()
    spark.range(10).repartition(2).write.parquet("s3://warm/ten/")
    rows = spark.read.parquet("s3://warm/ten/").count()
    there = spark.sparkContext.parallelize([1], 1).map(lambda n: os.environ.get("CUSTOMER_B")).collect()
    files = Path("rules.txt").read_text() if Path("rules.txt").exists() else None
    print(json.dumps([rows, os.environ.get("CUSTOMER_A"), there, files]))
"""


def test_what_the_arguments_bring_is_there_and_what_they_ask_for_is_left(jobs: Jobs) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html"""
    jobs.s3.put_object(Bucket="warm", Key="extra/rules.txt", Body=b"a rule")
    done = jobs.run(
        SURROUNDINGS,
        {
            "--customer-driver-env-vars": "CUSTOMER_A=1",
            "--customer-executor-env-vars": 'CUSTOMER_B="2,3"',
            "--extra-files": "s3://warm/extra/rules.txt",
            "--enable-metrics": "true",
            "--enable-spark-ui": "true",
            "--spark-event-logs-path": "s3://warm/logs/",
        },
    )
    assert done.shown.get("ErrorMessage") is None
    assert done.told == [10, "1", ["2,3"], "a rule"]
    logs = jobs.s3.list_objects_v2(Bucket="warm", Prefix="logs/")["Contents"]
    assert len(logs) == 1
    text = jobs.s3.get_object(Bucket="warm", Key=logs[0]["Key"])["Body"].read().decode()
    assert "SparkListenerApplicationEnd" in text
    assert _metrics(done)["glue.driver.aggregate.recordsRead"] == 20  # Spark counts those of range as well
    plain = jobs.run(SURROUNDINGS.replace("/ten/", "/again/"))
    assert plain.told == [10, None, [None], None]
    assert _metrics(plain) == {}


def _metrics(done: Done) -> dict[str, float]:
    """What CloudWatch has of a run."""
    watch, found = boto3.client("cloudwatch"), {}
    dimension = {"Name": "JobRunId", "Value": done.shown["Id"]}
    for metric in watch.list_metrics(Namespace="Glue", Dimensions=[dimension])["Metrics"]:
        now = datetime.now(UTC)
        points = watch.get_metric_statistics(
            **metric, StartTime=now - timedelta(hours=1), EndTime=now, Period=3600, Statistics=["Sum"]
        )["Datapoints"]
        found[metric["MetricName"]] = sum(point["Sum"] for point in points)
    return found


def test_a_run_that_asks_for_it_has_a_process_of_its_own(jobs: Jobs) -> None:
    warm = jobs.run(STOPPED_CONTEXT)
    assert jobs.run(STOPPED_CONTEXT, {"--lakeshift-cold": "true"}).told["java"] != warm.told["java"]


OWN_MODULE = """
    import json, sys
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    import boto3
    doubled = SparkContext().parallelize([1, 2]).map(lambda n: __import__("boto3").times(n)).collect()
    print(json.dumps([boto3.__file__, doubled]))
"""


def test_a_module_that_the_run_brings_wins_over_the_workers(jobs: Jobs) -> None:
    jobs.s3.put_object(Bucket="warm", Key="lib/boto3.py", Body=b"def times(n):\n    return 2 * n\n")
    done = jobs.run(OWN_MODULE, {"--extra-py-files": "s3://warm/lib/boto3.py"})
    assert done.shown["JobRunState"] == "SUCCEEDED", done.shown
    assert done.told == [str(done.folder / "python" / "files" / "boto3.py"), [2, 4]]


FAILS = """
    from pyspark.context import SparkContext
    from pyspark.sql import SparkSession
    SparkContext()
    spark = SparkSession.builder.getOrCreate()
    print(spark._jvm.java.lang.ProcessHandle.current().pid())
    spark.range(3).selectExpr("raise_error('no such station')").collect()
"""


def test_a_failed_run_names_script_line_and_action_and_the_next_finds_its_worker_warm(jobs: Jobs) -> None:
    done = jobs.run(FAILS)
    assert done.shown["JobRunState"] == "FAILED"
    message = done.shown["ErrorMessage"]
    assert "no such station" in message
    assert ".py, line 7; last Spark action: collect)" in message
    assert jobs.run(STOPPED_CONTEXT).told == {"java": done.told}


GENERATES = """
    from pyspark.context import SparkContext
    from pyspark.sql import SparkSession
    context = SparkContext()
    rows = SparkSession(context).range(100).selectExpr("id % 13 as k", "concat(id, 'generates') as v").groupBy("k")
    rows.agg({"v": "max"}).orderBy("k").collect()
    source = context._jvm.org.apache.spark.metrics.source.CodegenMetrics
    print(source.METRIC_COMPILATION_TIME().getCount())
"""


def test_the_next_run_of_a_script_generates_no_class_anew(jobs: Jobs) -> None:
    first = jobs.run(GENERATES)
    assert jobs.run(GENERATES).told == first.told


LEAVES_A_TASK = """
    import threading, time
    from pyspark.context import SparkContext
    from pyspark.sql import SparkSession
    context = SparkContext()
    print(context._jvm.java.lang.ProcessHandle.current().pid(), flush=True)
    begun = "reflect('java.lang.System', 'setProperty', 'task', string(id))"
    work = SparkSession(context).range(1).selectExpr(begun, "reflect('java.lang.Thread', 'sleep', id + 600000)")
    threading.Thread(target=work.collect, daemon=True).start()
    while not context._jvm.System.getProperty("task"):  # a task that has not begun with its row ends with Spark
        time.sleep(0.01)
    raise ValueError("while a task goes on")
"""
FILLS_THE_HEAP = """
    from pyspark.context import SparkContext
    jvm = SparkContext()._jvm
    print(jvm.java.lang.ProcessHandle.current().pid(), flush=True)
    jvm.java.lang.reflect.Array.newInstance(jvm.java.lang.Long.TYPE, 2**31 - 1)
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(LEAVES_A_TASK, id="a task goes on"),
        pytest.param(FILLS_THE_HEAP, id="no memory is left"),
    ],
)
def test_a_failed_run_ends_a_worker_that_is_not_sound(jobs: Jobs, script: str) -> None:
    done = jobs.run(script)
    assert done.shown["JobRunState"] == "FAILED"
    assert not alive(done.told)


HANGS = """
    import time
    from pyspark.context import SparkContext
    context = SparkContext()
    context.setLogLevel("OFF")
    print(context._jvm.java.lang.ProcessHandle.current().pid(), flush=True)
    context.parallelize([1, 2], 2).map(lambda n: time.sleep(600)).collect()
"""


def _java(folder: Path) -> int:
    deadline = time.monotonic() + 110
    while not (folder / "stdout").exists() or not (text := (folder / "stdout").read_text()).strip():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(text)


def test_a_stop_ends_the_runs_work_and_its_worker(jobs: Jobs, local_aws: LocalAws) -> None:
    name, run_id = jobs.start(HANGS)
    java = _java(local_aws.state.job_runs / run_id)
    session = os.getsid(java)
    jobs.glue.batch_stop_job_run(JobName=name, JobRunIds=[run_id])
    assert jobs.finished(name, run_id).shown["JobRunState"] == "STOPPED"
    assert [process for process in members(session) if alive(process)] == []


def test_a_run_that_exceeds_its_timeout_ends_with_its_worker(
    jobs: Jobs, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = LocalGlueBackend.runner
    assert runner is not None
    submit = runner.submit

    def hurried(run: Any) -> None:
        run.timeout = 0.05  # minutes; the API's least is one
        submit(run)

    monkeypatch.setattr(runner, "submit", hurried)
    name, run_id = jobs.start(HANGS)
    session = os.getsid(_java(local_aws.state.job_runs / run_id))
    assert jobs.finished(name, run_id).shown["JobRunState"] == "TIMEOUT"
    assert [process for process in members(session) if alive(process)] == []


def test_a_streaming_job_runs_and_has_no_timeout(jobs: Jobs) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html"""
    done = jobs.finished(*jobs.start(STOPPED_CONTEXT, command_name="gluestreaming"))
    assert (done.shown["JobRunState"], "Timeout" in done.shown) == ("SUCCEEDED", False)


def test_a_worker_that_is_killed_fails_its_run_and_the_next_one_runs(jobs: Jobs, local_aws: LocalAws) -> None:
    name, run_id = jobs.start(HANGS)
    psutil.Process(_java(local_aws.state.job_runs / run_id)).parent().kill()
    assert jobs.finished(name, run_id).shown["JobRunState"] == "FAILED"
    assert jobs.run(STOPPED_CONTEXT).shown["JobRunState"] == "SUCCEEDED"
