"""A server killed right after its reply forgets nothing; and only one has a state folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakeshift.errors import LakeshiftError
from lakeshift.local import process
from lakeshift.paths import StateFolder
from tests.waiting import until

_POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
_FIRST, _LAST = {"Type": "Pass", "Result": "kept", "Next": "B"}, {"Type": "Wait", "Seconds": 3600, "End": True}
_MACHINE = json.dumps({"StartAt": "A", "States": {"A": _FIRST, "B": _LAST}})
_ROLE = "arn:aws:iam::000000000000:role/r"
_EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:machine:cut-off"

Clients = Callable[[str], Any]


def _clients(endpoint: str) -> Clients:
    return lambda service: boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _states(client: Clients) -> list[str]:
    history = client("stepfunctions").get_execution_history(executionArn=_EXECUTION)
    return [event["type"] for event in history["events"]]


def _fill(client: Clients) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="plain")
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="plain", Tagging={"TagSet": [{"Key": "t", "Value": "v"}]})
    s3.put_object(Bucket="plain", Key="a/b", Body=b"x", Metadata={"m": "v"}, ContentType="text/csv", Tagging="o=1")
    for body in (b"1", b"2"):
        s3.put_object(Bucket="versioned", Key="k", Body=body)
    s3.create_multipart_upload(Bucket="plain", Key="late")
    client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=_POLICY)
    client("sns").create_topic(Name="topic")
    sqs = client("sqs")
    sqs.send_message(QueueUrl=sqs.create_queue(QueueName="queue")["QueueUrl"], MessageBody="hello")
    client("events").put_rule(Name="rule", EventPattern='{"source": ["x"]}')
    client("secretsmanager").create_secret(Name="secret", SecretString="hidden")
    client("ssm").put_parameter(Name="parameter", Value="v", Type="String")
    client("glue").create_database(DatabaseInput={"Name": "database"})
    machines = client("stepfunctions")
    arn = machines.create_state_machine(name="machine", definition=_MACHINE, roleArn=_ROLE)["stateMachineArn"]
    machines.start_execution(stateMachineArn=arn, name="cut-off")
    until(lambda: "WaitStateEntered" in _states(client))
    client("kms").create_key(Description="key")
    client("kms").create_key(Description="rsa", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    glue = client("glue")
    glue.create_job(Name="job", Role="r", Command={"Name": "pythonshell", "ScriptLocation": "s3://plain/a/b"})
    glue.create_workflow(Name="workflow")
    glue.create_data_quality_ruleset(Name="rules", Ruleset="Rules = [ RowCount > 0 ]", Tags={"a": "b"})
    glue.create_trigger(Name="trigger", WorkflowName="workflow", Type="ON_DEMAND", Actions=[{"JobName": "job"}])
    sqs.create_queue(QueueName="starts")
    client("scheduler").create_schedule(
        Name="daily",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:sqs:us-east-1:000000000000:starts", "RoleArn": _ROLE, "Input": "go"},
    )
    logs = client("logs")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    events = [{"timestamp": int(time.time() * 1000) + number, "message": f"line {number}"} for number in range(3)]
    logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=events)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StateFolder]:
    state = StateFolder(tmp_path_factory.mktemp("killed"))
    facts = process.up(state, 0)
    _fill(_clients(facts["endpoint"]))
    os.kill(facts["pid"], signal.SIGKILL)
    until(lambda: not _is_alive(facts["pid"]))
    assert process.status(state) is None
    process.up(state, 0)
    yield state
    process.down(state)


@pytest.fixture(scope="module")
def client(killed: StateFolder) -> Clients:
    facts = process.status(killed)
    assert facts is not None
    return _clients(facts["endpoint"])


def _topics(client: Clients) -> Any:
    return [one["TopicArn"].rpartition(":")[2] for one in client("sns").list_topics()["Topics"]]


def _message(client: Clients) -> Any:
    url = client("sqs").get_queue_url(QueueName="queue")["QueueUrl"]
    messages = client("sqs").receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    return [message["Body"] for message in messages]


def _lines(client: Clients) -> Any:
    page = client("logs").get_log_events(logGroupName="group", logStreamName="stream", startFromHead=True)
    return [event["message"] for event in page["events"]]


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        pytest.param(lambda c: [b["Name"] for b in c("s3").list_buckets()["Buckets"]], ["plain", "versioned"], id="s3"),
        pytest.param(
            lambda c: c("s3").get_bucket_tagging(Bucket="plain")["TagSet"],
            [{"Key": "t", "Value": "v"}],
            id="bucket tags",
        ),
        pytest.param(
            lambda c: c("s3").get_object_tagging(Bucket="plain", Key="a/b")["TagSet"],
            [{"Key": "o", "Value": "1"}],
            id="object tags",
        ),
        pytest.param(
            lambda c: c("s3").head_object(Bucket="plain", Key="a/b")["ContentType"], "text/csv", id="content type"
        ),
        pytest.param(lambda c: c("s3").head_object(Bucket="plain", Key="a/b")["Metadata"], {"m": "v"}, id="metadata"),
        pytest.param(
            lambda c: [v["Size"] for v in c("s3").list_object_versions(Bucket="versioned")["Versions"]],
            [1, 1],
            id="versions",
        ),
        pytest.param(lambda c: [r["RoleName"] for r in c("iam").list_roles()["Roles"]], ["r"], id="iam"),
        pytest.param(_topics, ["topic"], id="sns"),
        pytest.param(_message, ["hello"], id="sqs"),
        pytest.param(lambda c: [r["Name"] for r in c("events").list_rules()["Rules"]], ["rule"], id="events"),
        pytest.param(
            lambda c: c("secretsmanager").get_secret_value(SecretId="secret")["SecretString"], "hidden", id="secrets"
        ),
        pytest.param(lambda c: c("ssm").get_parameter(Name="parameter")["Parameter"]["Value"], "v", id="ssm"),
        pytest.param(lambda c: [d["Name"] for d in c("glue").get_databases()["DatabaseList"]], ["database"], id="glue"),
        pytest.param(
            lambda c: [m["name"] for m in c("stepfunctions").list_state_machines()["stateMachines"]],
            ["machine"],
            id="stepfunctions",
        ),
        pytest.param(lambda c: len(c("kms").list_keys()["Keys"]), 2, id="kms"),
        pytest.param(lambda c: c("glue").list_workflows()["Workflows"], ["workflow"], id="workflows"),
        pytest.param(
            lambda c: c("glue").get_trigger(Name="trigger")["Trigger"]["Actions"], [{"JobName": "job"}], id="triggers"
        ),
        pytest.param(
            lambda c: [r["Name"] for r in c("glue").list_data_quality_rulesets(Tags={"a": "b"})["Rulesets"]],
            ["rules"],
            id="data quality rulesets",
        ),
        pytest.param(_lines, ["line 0", "line 1", "line 2"], id="logs"),
    ],
)
def test_it_is_still_there_after_a_kill(client: Clients, read: Callable[[Clients], Any], expected: Any) -> None:
    assert read(client) == expected


def test_an_upload_in_parts_under_way_is_lost(client: Clients) -> None:
    assert "Uploads" not in client("s3").list_multipart_uploads(Bucket="plain")


def test_a_schedule_fires_on_time_and_once_after_a_kill(killed: StateFolder, client: Clients) -> None:
    facts = process.status(killed)
    assert facts is not None
    for hours in (23, 2):  # a day after it was made, and not a day after the start of this server
        move = urllib.request.Request(
            f"{facts['endpoint']}/_lakeshift/clock", json.dumps({"advance_seconds": 3600 * hours}).encode()
        )
        with urllib.request.urlopen(move) as answer:
            fired = [line for line in json.load(answer)["happened"] if "daily fired" in line]
        assert len(fired) == (hours == 2)
    url = client("sqs").get_queue_url(QueueName="starts")["QueueUrl"]
    messages: list[Any] = []
    until(lambda: bool(messages.extend(client("sqs").receive_message(QueueUrl=url).get("Messages", [])) or messages))
    assert [one["Body"] for one in messages] == ["go"]
    assert "Messages" not in client("sqs").receive_message(QueueUrl=url)


def test_an_execution_that_was_cut_off_goes_on_where_it_stood(client: Clients) -> None:
    machines = client("stepfunctions")
    left = machines.describe_execution(executionArn=_EXECUTION)
    assert (left["status"], left["error"], left["redriveStatus"]) == (
        "ABORTED",
        "Lakeshift.ServerStopped",
        "REDRIVABLE",
    )
    machines.redrive_execution(executionArn=_EXECUTION)
    until(lambda: _states(client)[-1] == "ExecutionRedriven")
    assert machines.describe_execution(executionArn=_EXECUTION)["status"] == "RUNNING"
    assert _states(client) == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "WaitStateEntered",
        "ExecutionAborted",
        "ExecutionRedriven",
    ]


def test_starting_again_finds_the_one_that_runs(killed: StateFolder) -> None:
    assert process.up(killed, 0) == process.status(killed)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LakeshiftError, match=f"Port {port} is used by another process"):
            process.up(StateFolder(tmp_path), port)
    assert process.status(StateFolder(tmp_path)) is None


def test_two_servers_never_share_a_folder(killed: StateFolder) -> None:
    with pytest.raises(LakeshiftError, match="already uses"):
        process.StateLock(killed)


def test_a_stale_process_file_sends_no_signal(tmp_path: Path) -> None:
    state = StateFolder(tmp_path).create()
    process.write_facts(state, {"pid": os.getpid(), "endpoint": "http://127.0.0.1:9", "started": "", "state": ""})
    assert process.down(state) is False
    assert not state.process.exists()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost", 200),
        ("bucket.s3.localhost:4566", 200),
        ("s3.us-east-1.amazonaws.com", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("amazonaws.com.evil.example", 403),
    ],
)
def test_only_names_of_this_machine_are_served(killed: StateFolder, host: str, status: int) -> None:
    facts = process.status(killed)
    assert facts is not None
    request = urllib.request.Request(f"{facts['endpoint']}/_lakeshift/health", headers={"Host": host})
    try:
        with urllib.request.urlopen(request) as answer:
            found = answer.status
    except urllib.error.HTTPError as error:
        found = error.code
    assert found == status


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("sns", "create_sms_sandbox_phone_number", {"PhoneNumber": "+1"}),
        ("mgn", "list_imports", {}),
        ("secretsmanager", "validate_resource_policy", {"ResourcePolicy": "{}"}),
    ],
)
def test_what_is_not_implemented_says_so_in_the_shape_of_aws(
    client: Clients, service: str, call: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as error:
        getattr(client(service), call)(**arguments)
    answer = error.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("NotImplemented", 501)
    assert service in answer["Error"]["Message"]


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        pytest.param(
            lambda f: f.write_bytes(f.read_bytes().replace(b'"moto": "5', b'"moto": "4', 1)), "moto 4", id="moto"
        ),
        pytest.param(lambda f: f.write_bytes(f.read_bytes()[:-20]), "cannot be read", id="cut short"),
        pytest.param(lambda f: f.chmod(0o666), "not this user's alone", id="writable by others"),
    ],
)
def test_a_snapshot_that_cannot_be_trusted_is_refused(
    tmp_path: Path, harm: Callable[[Path], None], message: str
) -> None:
    from lakeshift.local import state as snapshots

    header = json.dumps({"format": 1, "moto": "5.2.5", "service": "sns"}).encode()
    file = tmp_path / "sns.snapshot"
    import pickle

    file.write_bytes(header + b"\n" + pickle.dumps([("moto.sns.models", "sns_backends", "0", "us-east-1", {"x": "y"})]))
    file.chmod(0o600)
    harm(file)
    with pytest.raises(LakeshiftError, match=message):
        snapshots._Snapshots(tmp_path).restore()
