"""Whole runs: a process for the launcher, the local AWS for catalog, objects and bookmarks."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

pytestmark = pytest.mark.spark

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(local_aws: Any, tmp_path: Path) -> Run:
    """Launch a script as a job run; return its outcome with what it printed."""
    number = 0

    def launched(script: str, arguments: dict[str, str] | None = None, command: str = "glueetl") -> dict[str, Any]:
        nonlocal number
        number += 1
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        path = folder / "the_job.py"
        path.write_text(textwrap.dedent(script))
        document = {
            "job_name": "the_job",
            "job_run_id": f"jr_{number}",
            "command": command,
            "glue_version": "5.1",
            "script": str(path),
            "arguments": arguments or {},
            "worker_type": "G.025X",
            "number_of_workers": 1,
            "state_folder": str(local_aws.state.root),
            "jars": [],
        }
        (folder / "run.json").write_text(json.dumps(document))
        process = subprocess.run(
            [sys.executable, "-P", "-m", "lakeshift.glue_runtime.launch", str(folder)],
            capture_output=True,
            text=True,
            timeout=110,
            cwd=folder,
            check=False,
        )
        outcome: dict[str, Any] = json.loads((folder / "outcome.json").read_text())
        assert process.returncode == (0 if outcome["state"] == "SUCCEEDED" else 1)
        return {**outcome, "out": process.stdout, "err": process.stderr}

    return launched


SHELL = """
    import sys
    from awsglue.utils import getResolvedOptions
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake"])
    print(args["JOB_NAME"], args["lake"], args["JOB_RUN_ID"], args["job_bookmark_option"])
    import boto3
    print(boto3.client("sts").get_caller_identity()["Account"])
"""


def test_python_shell_gets_arguments_and_the_local_aws(run: Run) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/add-job-python.html"""
    outcome = run(SHELL, {"--lake": "x"}, command="pythonshell")
    assert outcome["state"] == "SUCCEEDED", outcome
    assert outcome["out"].split() == ["the_job", "x", "jr_1", "job-bookmark-disable", "000000000000"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param("x = 1\nraise ValueError('boom')\n", "ValueError: boom (the_job.py, line 2)", id="exception"),
        pytest.param("import sys\nsys.exit(3)\n", "SystemExit: 3 (the_job.py, line 2)", id="exit-status"),
        pytest.param("x = (\n", "SyntaxError: '(' was never closed", id="syntax"),
    ],
)
def test_failed_run_names_error_script_and_line(run: Run, script: str, message: str) -> None:
    outcome = run(script, command="pythonshell")
    assert outcome["state"] == "FAILED"
    assert outcome["error_message"].startswith(message)


def test_exit_zero_is_success(run: Run) -> None:
    assert run("import sys\nsys.exit(0)\n", command="pythonshell")["state"] == "SUCCEEDED"


def test_unknown_command_is_refused(run: Run) -> None:
    outcome = run("", command="glueray")
    assert outcome["state"] == "FAILED"
    assert "glueray is not supported locally" in outcome["error_message"]


def test_wheel_of_the_lake_is_importable_by_the_script(run: Run, tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html"""
    wheel = tmp_path / "shared-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("shared_by_wheel/__init__.py", "ANSWER = 42\n")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="runtime-wheels")
    s3.upload_file(str(wheel), "runtime-wheels", "code/" + wheel.name)
    arguments = {"--additional-python-modules": f"s3://runtime-wheels/code/{wheel.name},boto3"}
    outcome = run("import shared_by_wheel\nprint(shared_by_wheel.ANSWER)\n", arguments, command="pythonshell")
    assert (outcome["state"], outcome["out"].strip()) == ("SUCCEEDED", "42")


JOB = """
    import sys
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.transforms import ApplyMapping, Filter, ResolveChoice
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    args = getResolvedOptions(sys.argv, ["JOB_NAME"])
    glue = GlueContext(SparkContext())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)
    frame = glue.create_dynamic_frame.from_catalog(
        database="runtime_raw", table_name="readings", transformation_ctx="new", push_down_predicate="year = '2013'"
    )
    print("ROWS", frame.count(), "ERRORS", frame.errorsCount())
    frame.printSchema()
    if frame.count():
        frame = ResolveChoice.apply(frame, specs=[("temp", "cast:double")])
        frame = Filter.apply(frame, lambda r: r["station"] != "none")
        mappings = [("station", "string", "station", "string"), ("temp", "double", "temp", "double"),
                    ("day", "string", "reading_date", "date")]
        frame = ApplyMapping.apply(frame, mappings)
        sink = glue.getSink(connection_type="s3", path="s3://runtime-clean/readings/", enableUpdateCatalog=True,
                            updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["reading_date"])
        sink.setFormat("glueparquet")
        sink.setCatalogInfo(catalogDatabase="runtime_clean", catalogTableName="readings")
        sink.writeFrame(frame)
        back = glue.create_dynamic_frame.from_catalog(database="runtime_clean", table_name="readings")
        print("WRITTEN", back.count())
    job.commit()
"""


def _put(s3: Any, day: str, *records: Any) -> None:
    body = "\n".join(r if isinstance(r, str) else json.dumps(r) for r in records) + "\n"
    s3.put_object(Bucket="runtime-raw", Key=f"readings/2013/01/{day}/part.json", Body=body.encode())


def _partition(glue: Any, day: str) -> None:
    storage = {"Location": f"s3://runtime-raw/readings/2013/01/{day}/", "SerdeInfo": {}, "Columns": []}
    glue.create_partition(
        DatabaseName="runtime_raw",
        TableName="readings",
        PartitionInput={"Values": ["2013", "01", day], "StorageDescriptor": storage},
    )


def _sources(s3: Any, glue: Any) -> None:
    for name in ("raw", "clean"):
        s3.create_bucket(Bucket=f"runtime-{name}")
        glue.create_database(DatabaseInput={"Name": f"runtime_{name}"})
    columns = [{"Name": "station", "Type": "string"}, {"Name": "temp", "Type": "string"}]
    table = {
        "Name": "readings",
        "StorageDescriptor": {"Columns": columns, "Location": "s3://runtime-raw/readings/", "SerdeInfo": {}},
        "PartitionKeys": [{"Name": n, "Type": "string"} for n in ("year", "month", "day")],
        "Parameters": {"classification": "json"},
    }
    glue.create_table(DatabaseName="runtime_raw", TableInput=table)
    _put(s3, "2013-01-01", {"Station": "EWR", "temp": 1.5}, {"Station": "JFK", "temp": "2.5"}, '{"Station": "x')
    _put(s3, "2013-01-02", {"Station": "LGA", "temp": 3}, {"Station": "none", "temp": 0.5})
    for day in ("2013-01-01", "2013-01-02"):
        _partition(glue, day)


def test_spark_job_reads_the_catalog_by_bookmark_and_keeps_the_target_table(run: Run) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html and update-from-job.html"""
    s3, glue = boto3.client("s3"), boto3.client("glue")
    _sources(s3, glue)
    enable = {"--job-bookmark-option": "job-bookmark-enable", "--enable-glue-datacatalog": "true"}

    first = run(JOB, enable)
    assert first["state"] == "SUCCEEDED", first
    assert "ROWS 4 ERRORS 1" in first["out"]
    assert "|-- temp: choice\n|    |-- double\n|    |-- int\n|    |-- string\n|-- year: string" in first["out"]
    assert "WRITTEN 3" in first["out"]
    made = glue.get_table(DatabaseName="runtime_clean", Name="readings")["Table"]
    columns = [(c["Name"], c["Type"]) for c in made["StorageDescriptor"]["Columns"]]
    assert columns == [("station", "string"), ("temp", "double")]
    assert [(c["Name"], c["Type"]) for c in made["PartitionKeys"]] == [("reading_date", "date")]
    found = glue.get_partitions(DatabaseName="runtime_clean", TableName="readings")["Partitions"]
    assert sorted(p["Values"] for p in found) == [["2013-01-01"], ["2013-01-02"]]
    listed = [o["Key"] for o in s3.list_objects_v2(Bucket="runtime-clean")["Contents"]]
    assert all(key.endswith(".parquet") for key in listed), listed

    _put(s3, "2013-01-03", {"Station": "EWR", "temp": 9.0})
    _partition(glue, "2013-01-03")
    second = run(JOB, enable)
    assert "ROWS 1 ERRORS 0" in second["out"], second
    assert "WRITTEN 4" in second["out"]


ICEBERG = """
    import sys
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    args = getResolvedOptions(sys.argv, ["JOB_NAME"])
    glue = GlueContext(SparkContext())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)
    spark = glue.spark_session
    spark.sql("create table glue_catalog.runtime_ice.trips (id bigint, city string) using iceberg")
    spark.sql("insert into glue_catalog.runtime_ice.trips values (1, 'EWR'), (2, 'JFK')")
    spark.sql("merge into glue_catalog.runtime_ice.trips t using (select 2L as id, 'LGA' as city union all"
              " select 3L, 'BOS') s on t.id = s.id when matched then update set * when not matched then insert *")
    print("ROWS", [tuple(row) for row in spark.table("glue_catalog.runtime_ice.trips").orderBy("id").collect()])
    job.commit()
"""

ICEBERG_CONF = (
    "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
    " --conf spark.sql.catalog.glue_catalog=org.apache.iceberg.spark.SparkCatalog"
    " --conf spark.sql.catalog.glue_catalog.warehouse=s3://runtime-ice/warehouse/"
    " --conf spark.sql.catalog.glue_catalog.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog"
    " --conf spark.sql.catalog.glue_catalog.io-impl=org.apache.iceberg.aws.s3.S3FileIO"
)


def test_iceberg_tables_live_in_the_data_catalog_by_the_documented_settings(run: Run) -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-iceberg.html"""
    boto3.client("s3").create_bucket(Bucket="runtime-ice")
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": "runtime_ice"})
    outcome = run(ICEBERG, {"--datalake-formats": "iceberg", "--conf": ICEBERG_CONF})
    assert outcome["state"] == "SUCCEEDED", outcome
    assert "ROWS [(1, 'EWR'), (2, 'LGA'), (3, 'BOS')]" in outcome["out"]
    table = glue.get_table(DatabaseName="runtime_ice", Name="trips")["Table"]
    assert table["Parameters"]["table_type"] == "ICEBERG"
    assert table["Parameters"]["metadata_location"].startswith("s3://runtime-ice/warehouse/")


@pytest.mark.parametrize("name", ["hudi", "delta", "iceberg,delta"])
def test_another_table_format_is_refused_by_name(run: Run, name: str) -> None:
    outcome = run("", {"--datalake-formats": name})
    assert outcome["state"] == "FAILED"
    assert f"--datalake-formats {name.split(',')[-1]} is not supported locally" in outcome["error_message"]


def test_without_its_argument_iceberg_is_not_there(run: Run) -> None:
    script = "from pyspark import SparkContext\nSparkContext()._jvm.java.lang.Class.forName('org.apache.iceberg.Table')"
    assert "ClassNotFoundException" in run(script)["error_message"]
