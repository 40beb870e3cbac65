"""Jobs and connections as definitions; what is not run locally is refused."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.gluejobs.conftest import Glue

COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://b/k.py"}
ROLE = "arn:aws:iam::000000000000:role/glue"


def name() -> str:
    return f"thing-{uuid.uuid4().hex[:12]}"


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_job_is_shown_with_the_services_defaults(glue: Glue) -> None:
    job = name()
    glue.client.create_job(Name=job, Role=ROLE, Command=COMMAND, WorkerType="G.2X", NumberOfWorkers=5)
    shown = glue.client.get_job(JobName=job)["Job"]
    assert {key: value for key, value in shown.items() if key not in ("CreatedOn", "LastModifiedOn")} == {
        "Name": job,
        "Role": ROLE,
        "JobMode": "SCRIPT",
        "Command": {**COMMAND, "PythonVersion": "3"},
        "ExecutionProperty": {"MaxConcurrentRuns": 1},
        "MaxRetries": 0,
        "GlueVersion": "5.1",
        "ExecutionClass": "STANDARD",
        "Timeout": 480,
        "WorkerType": "G.2X",
        "NumberOfWorkers": 5,
        "MaxCapacity": 10.0,
        "AllocatedCapacity": 10,
    }


def test_the_same_definition_again_is_the_same_job_another_one_is_an_error(glue: Glue) -> None:
    job = name()
    glue.client.create_job(Name=job, Role=ROLE, Command=COMMAND)
    assert glue.client.create_job(Name=job, Role=ROLE, Command=COMMAND)["Name"] == job
    with pytest.raises(ClientError) as error:
        glue.client.create_job(Name=job, Role=ROLE, Command=COMMAND, MaxRetries=1)
    assert refusal(error)[0] == "IdempotentParameterMismatchException"


def test_update_replaces_the_whole_definition(glue: Glue) -> None:
    job = name()
    glue.client.create_job(Name=job, Role=ROLE, Command=COMMAND, Description="old", MaxRetries=3)
    created = glue.client.get_job(JobName=job)["Job"]["CreatedOn"]
    glue.client.update_job(JobName=job, JobUpdate={"Role": ROLE, "Command": COMMAND, "Timeout": 7})
    shown = glue.client.get_job(JobName=job)["Job"]
    assert ("Description" in shown, shown["MaxRetries"], shown["Timeout"]) == (False, 0, 7)
    assert created == shown["CreatedOn"] <= shown["LastModifiedOn"]


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ({"Command": COMMAND}, "ValidationException"),
        ({"Role": ROLE}, "ValidationException"),
        ({"Role": ROLE, "Command": COMMAND, "GlueVersion": "9.9"}, "InvalidInputException"),
    ],
    ids=["no role", "no command", "unknown Glue version"],
)
def test_an_update_that_is_no_job_is_refused_and_changes_nothing(glue: Glue, update: dict[str, Any], code: str) -> None:
    job = glue.job()
    before = glue.client.get_job(JobName=job)["Job"]
    with pytest.raises(ClientError) as error:
        glue.client.update_job(JobName=job, JobUpdate=update)
    assert refusal(error)[0] == code
    assert glue.client.get_job(JobName=job)["Job"] == before


def test_an_update_of_an_unknown_job_is_an_error(glue: Glue) -> None:
    with pytest.raises(ClientError) as error:
        glue.client.update_job(JobName="nothing", JobUpdate={"Role": ROLE, "Command": COMMAND})
    assert refusal(error) == ("EntityNotFoundException", "Job with name: nothing not found.")


def test_batch_get_tells_which_jobs_do_not_exist(glue: Glue) -> None:
    jobs = [glue.job(), glue.job()]
    answer = glue.client.batch_get_jobs(JobNames=[*jobs, "nothing"])
    assert ([job["Name"] for job in answer["Jobs"]], answer["JobsNotFound"]) == (jobs, ["nothing"])


def test_a_deleted_job_is_gone_with_its_tags_and_deleting_it_again_is_no_error(glue: Glue) -> None:
    job = glue.job(Tags={"team": job_tag()})
    arn = f"arn:aws:glue:us-east-1:000000000000:job/{job}"
    assert glue.client.get_tags(ResourceArn=arn)["Tags"]
    for _ in range(2):
        assert glue.client.delete_job(JobName=job)["JobName"] == job
    assert glue.client.get_tags(ResourceArn=arn)["Tags"] == {}
    with pytest.raises(ClientError) as error:
        glue.client.get_job(JobName=job)
    assert refusal(error)[0] == "EntityNotFoundException"


def job_tag() -> str:
    return uuid.uuid4().hex[:8]


def test_jobs_are_listed_by_tag_and_in_pages(glue: Glue) -> None:
    tag = job_tag()
    jobs = []
    for _ in range(3):
        glue.job(Tags={"team": "other"})
        jobs.append(glue.job(Tags={"team": tag}))
    first = glue.client.list_jobs(Tags={"team": tag}, MaxResults=2)
    rest = glue.client.list_jobs(Tags={"team": tag}, MaxResults=2, NextToken=first["NextToken"])
    assert (first["JobNames"], rest["JobNames"], "NextToken" in rest) == (jobs[:2], jobs[2:], False)
    pages = glue.client.get_paginator("get_jobs").paginate(PaginationConfig={"PageSize": 2})
    listed = [job["Name"] for page in pages for job in page["Jobs"]]
    assert set(jobs) <= set(listed)
    assert len(listed) == len(set(listed))


CONNECTION: dict[str, Any] = {
    "ConnectionType": "JDBC",
    "ConnectionProperties": {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://127.0.0.1:1/operations",
        "USERNAME": "glue",
        "PASSWORD": "secret",
    },
}


def test_a_connection_can_be_read_without_its_password_updated_and_deleted(glue: Glue) -> None:
    connection = name()
    glue.client.create_connection(ConnectionInput={"Name": connection, **CONNECTION})
    hidden = glue.client.get_connection(Name=connection, HidePassword=True)["Connection"]
    assert "PASSWORD" not in hidden["ConnectionProperties"]
    assert glue.client.get_connection(Name=connection)["Connection"]["ConnectionProperties"]["PASSWORD"] == "secret"
    changed = {**CONNECTION, "Name": connection, "Description": "new"}
    glue.client.update_connection(Name=connection, ConnectionInput=changed)
    shown = glue.client.get_connection(Name=connection)["Connection"]
    assert (shown["Description"], shown["CreationTime"]) == ("new", hidden["CreationTime"])
    glue.client.delete_connection(ConnectionName=connection)
    for operation in (
        lambda: glue.client.get_connection(Name=connection),
        lambda: glue.client.delete_connection(ConnectionName=connection),
        lambda: glue.client.update_connection(Name=connection, ConnectionInput=changed),
    ):
        with pytest.raises(ClientError) as error:
            operation()
        assert refusal(error)[0] == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("properties", "code", "text"),
    [
        pytest.param({}, "InvalidInputException", "cannot be reached", id="no server"),
        pytest.param(
            {"JDBC_CONNECTION_URL": "jdbc:mysql://127.0.0.1:1/x"},
            "OperationNotSupportedException",
            "jdbc:mysql:",
            id="another engine is refused",
        ),
        pytest.param(
            {"JDBC_CONNECTION_URL": "jdbc:postgresql:nonsense"},
            "InvalidInputException",
            "is no JDBC address",
            id="not an address",
        ),
    ],
)
def test_a_connection_that_does_not_work_is_said_not_to(
    glue: Glue, properties: dict[str, str], code: str, text: str
) -> None:
    given = {**CONNECTION, "ConnectionProperties": {**CONNECTION["ConnectionProperties"], **properties}}
    connection = name()
    glue.client.create_connection(ConnectionInput={"Name": connection, **given})
    for arguments in ({"ConnectionName": connection}, {"TestConnectionInput": given}):
        with pytest.raises(ClientError) as error:
            glue.client.test_connection(**arguments)
        assert refusal(error)[0] == code
        assert text in refusal(error)[1]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_session", {"Id": "s", "Role": ROLE, "Command": {"Name": "glueetl"}}),
        ("create_dev_endpoint", {"EndpointName": "e", "RoleArn": ROLE}),
        ("get_ml_transforms", {}),
        (
            "start_data_quality_ruleset_evaluation_run",
            {"DataSource": {}, "Role": ROLE, "RulesetNames": ["r"]},
        ),
        ("list_blueprints", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_only_pretend_is_refused_with_what_to_do_instead(
    glue: Glue, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(glue.client, operation)(**arguments)
    code, message = refusal(error)
    assert code == "OperationNotSupportedException"
    assert "is not supported locally." in message
    assert "https://docs.aws.amazon.com/glue/" in message
    assert error.value.response["ResponseMetadata"]["RetryAttempts"] == 0
