"""The nightly pipeline on Airflow (Amazon MWAA 2.10.3): the steps of nightly.asl.json, one task a step.

The work is Glue's, DataSync's and Redshift's; this file starts it and waits. Its Airflow variables are the outputs of
`make deploy`: ``lake``, ``warehouse_cluster``, ``warehouse_database``, ``warehouse_user``, ``airlines_task_arn``,
``alerts_topic_arn`` and ``done_topic_arn``; on MWAA they come from the secrets back end or from AIRFLOW_VAR_….
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from airflow.decorators import dag, task
from airflow.providers.amazon.aws.hooks.glue_crawler import GlueCrawlerHook
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier
from airflow.providers.amazon.aws.operators.datasync import DataSyncOperator
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.operators.redshift_data import RedshiftDataOperator
from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.utils.task_group import TaskGroup

# Names S3 keys and load sets: no colon and no plus sign, which a run_id has; the same for every try of a task.
RUN = "airflow-{{ ts_nodash }}"
OPS = "{{ var.value.lake }}-ops"
CRAWLER = "raw-zone"

FAILED = """{{ {
    "pipeline": dag.dag_id,
    "run": "airflow-" + ts_nodash,
    "failed_at": ti.task_id,
    "cause": exception | string,
    "left": "Bookmarks stand where the last committed job left them, and the warehouse has the last loaded run whole.",
    "rerun": "When the cause is gone: airflow tasks clear --downstream -t " + ti.task_id + " " + dag.dag_id,
} | tojson(indent=2) }}"""


def job(name: str) -> GlueJobOperator:
    """Start the deployed job and wait for it; nothing of its definition is changed from here.

    Never tried again by Airflow: a job that failed on its data fails again, and Glue's own retries are declared in
    the job's definition.
    """
    return GlueJobOperator(
        task_id=name,
        job_name=name,
        script_args={"--pipeline_run_id": RUN},
        stop_job_run_on_kill=True,
        job_poll_interval=5,
        execution_timeout=timedelta(hours=2),
    )


@task.branch
def anything_new(run: str, bucket: str) -> list[str]:
    """Which way to go by what ``ingest_check`` has found in the raw zone."""
    found = json.loads(S3Hook().read_key(f"pipeline/{run}/ingest.json", bucket))
    return ["crawl", "flights_clean"] if found["new_objects"] else ["nothing_new"]


@task
def crawl(name: str) -> str:
    """Run the deployed crawler; GlueCrawlerOperator would write its definition anew, which is the deployer's."""
    hook = GlueCrawlerHook()
    hook.start_crawler(name)
    return hook.wait_for_crawler_completion(name, poll_interval=5)


def tell(task_id: str, subject: str, message: dict[str, Any]) -> SnsPublishOperator:
    """Publish to those who wait for the tables."""
    return SnsPublishOperator(
        task_id=task_id,
        target_arn="{{ var.value.done_topic_arn }}",
        subject=subject,
        message=json.dumps({"pipeline": "{{ dag.dag_id }}", "run": RUN, **message}),
    )


@dag(
    dag_id="nightly",
    schedule="0 2 * * *",
    start_date=datetime(2024, 1, 1),
    catchup=False,
    max_active_runs=1,  # bookmarks: two runs of one job would read the same files
    default_args={
        "on_failure_callback": SnsNotifier(
            target_arn="{{ var.value.alerts_topic_arn }}",
            subject="{{ dag.dag_id }} failed at {{ ti.task_id }}",
            message=FAILED,
        )
    },
    tags=["lakeshift"],
)
def nightly() -> None:
    """Sources, check, crawl and clean, enrich, aggregate, quality gate, load, verify, tell."""
    with TaskGroup("ingest", prefix_group_id=False) as ingest:
        job("airports_from_api")
        job("planes_from_postgres")
        DataSyncOperator(
            task_id="airlines_transfer",
            task_arn="{{ var.value.airlines_task_arn }}",
            wait_interval_seconds=5,
        )
    check, branch = job("ingest_check"), anything_new(RUN, OPS)
    nothing = tell("nothing_new", "{{ dag.dag_id }}: nothing new", {"new_objects": 0})
    with TaskGroup("clean", prefix_group_id=False) as clean:
        for name in ("weather_clean", "reference_clean"):
            job(name)
    flights = job("flights_clean")  # read as lines of S3: waits for no table
    stages = [job(name) for name in ("flights_enriched", "daily_aggregates", "quality_gate", "load_redshift")]
    verify = RedshiftDataOperator(
        task_id="verify",
        cluster_identifier="{{ var.value.warehouse_cluster }}",
        database="{{ var.value.warehouse_database }}",
        db_user="{{ var.value.warehouse_user }}",
        sql="select count(*) from flights.fact_flights",
        statement_name=RUN,
        poll_interval=1,
        return_sql_result=True,
    )
    # What this run saw in the raw zone is done: the next run looks for what is newer.
    complete = S3CopyObjectOperator(
        task_id="complete",
        source_bucket_name=OPS,
        source_bucket_key=f"pipeline/{RUN}/listing.json",
        dest_bucket_name=OPS,
        dest_bucket_key="pipeline/completed.json",
    )
    rows = "{{ ti.xcom_pull('verify').Records[0][0].longValue }}"
    done = tell("done", "{{ dag.dag_id }} is done", {"fact_flights": rows})

    ingest >> check >> branch >> nothing
    branch >> crawl(CRAWLER) >> clean >> stages[0]
    branch >> flights >> stages[0]
    for earlier, later in zip(stages, [*stages[1:], verify]):  # noqa: B905 - MWAA has Pythons without strict
        earlier >> later
    verify >> complete >> done


nightly()
