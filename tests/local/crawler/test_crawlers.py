"""Crawlers through the API: states, history, metrics, logs, errors, classifiers, schedules."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.local.glue.crawlers import planning
from lakeshift.local.glue.crawlers.history import Crawl
from lakeshift.local.server import LocalAws
from tests.local.crawler.conftest import wait_ready

_LINE = b'{"a": 1, "b": "x"}\n'
_TARGETS = {"S3Targets": [{"Path": "s3://abc/"}]}
Put = Callable[[str, bytes], None]
Crawled = Callable[..., dict[str, Any]]


def refused(call: Callable[..., Any], **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_crawl_ends_ready_and_succeeded_with_tables_partitions_and_index(
    glue: Any, put: Put, crawled: Crawled, database: str, bucket: str
) -> None:
    for day in range(1, 4):
        put(f"t/2013/{day:02}/x.json", _LINE)
    crawler = crawled("t/")
    assert (crawler["State"], crawler["LastCrawl"]["Status"]) == ("READY", "SUCCEEDED")
    assert crawler["CrawlElapsedTime"] == 0
    table = glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{bucket}/t/"
    assert table["StorageDescriptor"]["Parameters"] == table["Parameters"]
    assert (table["Owner"], table["TableType"], table["Retention"]) == ("owner", "EXTERNAL_TABLE", 0)
    assert table["CreatedBy"].endswith("/AWS-Crawler")
    assert table["LastAccessTime"]
    parts = glue.get_partitions(DatabaseName=database, TableName="t")["Partitions"]
    assert sorted(part["Values"] for part in parts) == [["2013", "01"], ["2013", "02"], ["2013", "03"]]
    indexes = glue.get_partition_indexes(DatabaseName=database, TableName="t")["PartitionIndexDescriptorList"]
    assert [index["IndexName"] for index in indexes] == ["crawler_partition_index"]


def test_other_partition_keys_replace_partitions_and_index(
    local_aws: LocalAws, glue: Any, put: Put, crawled: Crawled, database: str, bucket: str
) -> None:
    put("t/1/x.json", _LINE)
    crawled("t/")
    assert local_aws.context is not None
    local_aws.context.lake.delete(bucket, "t/1/x.json")
    put("t/1/2/x.json", _LINE)
    assert crawled("t/")["LastCrawl"]["Status"] == "SUCCEEDED"
    parts = glue.get_partitions(DatabaseName=database, TableName="t")["Partitions"]
    assert [part["Values"] for part in parts] == [["1", "2"]]


def test_gt43_history_metrics_and_log_tell_of_a_crawl(glue: Any, put: Put, crawled: Crawled, database: str) -> None:
    put("t/1/x.json", _LINE)
    name = crawled("t/")["Name"]
    put("t/2/x.json", _LINE)
    crawled("t/")
    newest, first = glue.list_crawls(CrawlerName=name)["Crawls"]
    assert first["State"] == "COMPLETED"
    assert json.loads(first["Summary"]) == {"TABLE": {"ADD": 1}, "PARTITION": {"ADD": 1}}
    assert json.loads(newest["Summary"]) == {"TABLE": {"UPDATE": 1}, "PARTITION": {"ADD": 1}}
    assert newest["EndTime"] >= newest["StartTime"] >= first["EndTime"]
    told = glue.get_crawler_metrics(CrawlerNameList=[name])["CrawlerMetricsList"][0]
    assert (told["TablesCreated"], told["TablesUpdated"], told["StillEstimating"]) == (0, 1, False)
    events = boto3.client("logs").get_log_events(logGroupName="/aws-glue/crawlers", logStreamName=name)["events"]
    mine = [event["message"] for event in events if event["message"].startswith(f"[{first['CrawlId']}]")]
    assert [line.partition("] ")[2] for line in mine] == [
        f"BENCHMARK : Running Start Crawl for Crawler {name}",
        f"BENCHMARK : Classification complete, writing results to database {database}",
        f"INFO : Created table t in database {database}",
        "BENCHMARK : Finished writing to Catalog",
        "INFO : Run Summary For PARTITION:",
        "INFO : ADD: 1",
        "INFO : Run Summary For TABLE:",
        "INFO : ADD: 1",
        "BENCHMARK : Crawler has finished running and is in state READY",
    ]


def test_history_comes_newest_first_in_pages_and_filtered(glue: Any, put: Put, crawled: Crawled) -> None:
    put("t/x.json", _LINE)
    name = crawled("t/")["Name"]
    crawled("t/")
    newest, first = glue.list_crawls(CrawlerName=name)["Crawls"]
    page = glue.list_crawls(CrawlerName=name, MaxResults=1)
    assert page["Crawls"][0]["CrawlId"] == newest["CrawlId"]
    page = glue.list_crawls(CrawlerName=name, MaxResults=1, NextToken=page["NextToken"])
    assert page["Crawls"][0]["CrawlId"] == first["CrawlId"]
    after = str(first["StartTime"].timestamp() * 1000 + 1)
    since = {"FieldName": "START_TIME", "FilterOperator": "GT", "FieldValue": after}
    found = glue.list_crawls(CrawlerName=name, Filters=[since])["Crawls"]
    assert [crawl["CrawlId"] for crawl in found] == [newest["CrawlId"]]
    wrong = refused(glue.list_crawls, CrawlerName=name, Filters=[{**since, "FieldValue": "x"}])
    assert wrong == ("InvalidInputException", "Invalid filter value: x")


def test_a_missing_bucket_fails_the_crawl_and_names_it(glue: Any, database: str) -> None:
    targets = {"S3Targets": [{"Path": "s3://no-such-bucket-at-all/x/"}]}
    glue.create_crawler(Name=database, Role="r", DatabaseName=database, Targets=targets)
    glue.start_crawler(Name=database)
    last = wait_ready(glue, database)["LastCrawl"]
    assert last["Status"] == "FAILED"
    assert "no-such-bucket-at-all" in last["ErrorMessage"]
    assert glue.list_crawls(CrawlerName=database)["Crawls"][0]["State"] == "FAILED"


def test_too_many_tables_fail_and_write_nothing(glue: Any, put: Put, crawled: Crawled, database: str) -> None:
    put("t/a.json", b'{"a":1}')
    put("t/b.json", b'{"b":1}')
    threshold = {"Version": 1.0, "CrawlerOutput": {"Tables": {"TableThreshold": 1}}}
    last = crawled("t/", Configuration=json.dumps(threshold))["LastCrawl"]
    assert last["Status"] == "FAILED"
    assert last["ErrorMessage"].startswith("The number of tables detected by crawler: 2 is greater than")
    assert glue.get_tables(DatabaseName=database)["TableList"] == []


def test_start_and_stop_of_a_running_crawler(
    glue: Any, put: Put, database: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, plan = threading.Event(), planning.plan_crawl

    def held(*given: Any) -> Any:
        assert go.wait(20)
        return plan(*given)

    monkeypatch.setattr(planning, "plan_crawl", held)
    put("t/x.json", _LINE)
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/t/"}]}
    glue.create_crawler(Name=database, Role="r", DatabaseName=database, Targets=targets)
    glue.start_crawler(Name=database)
    assert glue.get_crawler(Name=database)["Crawler"]["State"] == "RUNNING"
    assert "LastCrawl" not in glue.get_crawler(Name=database)["Crawler"]
    assert refused(glue.start_crawler, Name=database) == (
        "CrawlerRunningException",
        f"Crawler with name {database} has already started",
    )
    assert refused(glue.update_crawler, Name=database, Description="d")[0] == "CrawlerRunningException"
    assert refused(glue.delete_crawler, Name=database)[0] == "CrawlerRunningException"
    glue.stop_crawler(Name=database)
    assert glue.get_crawler(Name=database)["Crawler"]["State"] == "STOPPING"
    go.set()
    assert wait_ready(glue, database)["LastCrawl"]["Status"] == "CANCELLED"
    assert glue.list_crawls(CrawlerName=database)["Crawls"][0]["State"] == "STOPPED"
    assert glue.get_tables(DatabaseName=database)["TableList"] == []
    assert refused(glue.stop_crawler, Name=database)[0] == "CrawlerNotRunningException"


def test_a_crawl_that_the_servers_end_interrupted_is_failed_when_restored() -> None:
    restored = pickle.loads(pickle.dumps(Crawl("c")))  # noqa: S301 - our own bytes
    assert (restored.state, restored.status) == ("FAILED", "FAILED")
    assert "stopped while the crawler ran" in restored.error


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        ({"Targets": {}}, "InvalidInputException", "At least one crawler target"),
        ({"Targets": {"S3Targets": [{"Path": "x"}]}}, "InvalidInputException", "Invalid S3 path: x"),
        (
            {"Targets": {"MongoDBTargets": [{"ConnectionName": "c", "Path": "d/c"}]}},
            "InvalidInputException",
            "MongoDBTargets are not supported locally",
        ),
        (
            {"Targets": {"HudiTargets": [{"Paths": ["s3://abc/t"]}]}},
            "InvalidInputException",
            "HudiTargets are not supported locally",
        ),
        (
            {"Targets": {**_TARGETS, "CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
            "InvalidInputException",
            "Catalog targets cannot be combined",
        ),
        (
            {"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
            "InvalidInputException",
            "The SchemaChangePolicy for Catalog targets",
        ),
        (
            {"Targets": {"JdbcTargets": [{"ConnectionName": "c", "Path": "a/b/c/d"}]}},
            "InvalidInputException",
            "The JDBC path",
        ),
        (
            {"Targets": {"DynamoDBTargets": [{"Path": "t", "scanRate": 2.0}]}},
            "InvalidInputException",
            "scanRate must be from 0.1 to 1.5",
        ),
        (
            {"Targets": {"IcebergTargets": [{"Paths": ["s3://abc/t"], "MaximumTraversalDepth": 99}]}},
            "InvalidInputException",
            "MaximumTraversalDepth must be from 1 to 20",
        ),
        (
            {"Targets": {"DeltaTargets": [{"DeltaTables": ["x"]}]}},
            "InvalidInputException",
            "Invalid S3 path: x",
        ),
        (
            {
                "Targets": {
                    "DeltaTargets": [
                        {"DeltaTables": ["s3://abc/t"], "WriteManifest": True, "CreateNativeDeltaTable": True}
                    ]
                }
            },
            "InvalidInputException",
            "WriteManifest and CreateNativeDeltaTable",
        ),
        ({"Configuration": '{"Version": 1.0, "x": 1}'}, "InvalidInputException", "Configuration contains unsupported"),
        ({"Classifiers": ["nosuch"]}, "EntityNotFoundException", "Classifier nosuch not found."),
        ({"Schedule": "rate(1 day)"}, "InvalidInputException", "Invalid schedule cron expression"),
        ({"Schedule": "every day"}, "InvalidInputException", "Invalid schedule cron expression"),
        (
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}},
            "InvalidInputException",
            "CRAWL_EVENT_MODE needs an EventQueueArn",
        ),
        (
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
            "InvalidInputException",
            "The SchemaChangePolicy for CRAWL_NEW_FOLDERS_ONLY",
        ),
        (
            {"Targets": {"S3Targets": [{"Path": "s3://abc/", "SampleSize": 250}]}},
            "InvalidInputException",
            "SampleSize must be from 1 to 249",
        ),
        (
            {"Targets": {"S3Targets": [{"Path": "s3://abc/", "Exclusions": ["a[b"]}]}},
            "InvalidInputException",
            "The exclude pattern",
        ),
        (
            {"Targets": {"S3Targets": [{"Path": "s3://abc/", "ConnectionName": "vpc"}]}},
            "InvalidInputException",
            "S3Target.ConnectionName is not supported locally",
        ),
    ],
)
def test_a_wrong_crawler_is_refused(glue: Any, database: str, given: dict[str, Any], code: str, text: str) -> None:
    whole = {"Name": f"wrong-{database}", "Role": "r", "DatabaseName": database, "Targets": _TARGETS}
    found = refused(glue.create_crawler, **{**whole, **given})
    assert found[0] == code
    assert found[1].startswith(text)


def test_crawlers_change_by_what_is_given(glue: Any, database: str) -> None:
    glue.create_crawler(Name=database, Role="r", DatabaseName=database, Targets=_TARGETS, TablePrefix="p_")
    glue.update_crawler(Name=database, Description="changed", SchemaChangePolicy={"DeleteBehavior": "LOG"})
    crawler = glue.get_crawler(Name=database)["Crawler"]
    assert (crawler["Description"], crawler["TablePrefix"], crawler["Version"]) == ("changed", "p_", 2)
    assert crawler["SchemaChangePolicy"] == {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    assert crawler["Targets"]["S3Targets"] == _TARGETS["S3Targets"]
    assert refused(glue.update_crawler, Name="nosuch")[0] == "EntityNotFoundException"


def test_classifiers_are_kept_versioned_and_checked(glue: Any, database: str) -> None:
    name = f"csv-{database}"
    glue.create_classifier(CsvClassifier={"Name": name, "ContainsHeader": "PRESENT"})
    assert refused(glue.create_classifier, CsvClassifier={"Name": name})[0] == "AlreadyExistsException"
    glue.update_classifier(CsvClassifier={"Name": name, "Delimiter": "|"})
    held = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    assert (held["ContainsHeader"], held["Delimiter"], held["Version"]) == ("PRESENT", "|", 2)
    assert {"CsvClassifier": held} in glue.get_classifiers()["Classifiers"]
    wrong = {"Name": "g", "Classification": "c", "GrokPattern": "%{NOSUCH:x}"}
    assert refused(glue.create_classifier, GrokClassifier=wrong) == (
        "InvalidInputException",
        "The Grok pattern NOSUCH is not defined.",
    )
    glue.delete_classifier(Name=name)
    assert refused(glue.get_classifier, Name=name)[0] == "EntityNotFoundException"


def test_a_classifier_of_the_crawler_is_used(glue: Any, put: Put, crawled: Crawled, database: str) -> None:
    put("t/x.csv", b"c,n\nAA,x\nUA,y\n")
    name = f"csv-{database}"
    glue.create_classifier(CsvClassifier={"Name": name, "ContainsHeader": "PRESENT"})
    crawled("t/", Classifiers=[name])
    found = glue.get_table(DatabaseName=database, Name="t")["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in found] == ["c", "n"]
    glue.delete_classifier(Name=name)
    last = crawled("t/")["LastCrawl"]
    assert (last["Status"], last["ErrorMessage"]) == ("FAILED", f"Classifier {name} not found.")
