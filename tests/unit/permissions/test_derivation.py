"""What a definition says, and the permissions that come of it; what it says wrongly, and where."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping

import pytest

from lakeshift.definitions import DefinitionError
from lakeshift.permissions import Role, roles

JOB = """\
Resources:
  CountJob:
    Type: AWS::Glue::Job
    Metadata:
      Lakeshift: {declared}
    Properties:
      Name: count
      Role: {role}
      Command: {{Name: {command}, ScriptLocation: !Sub "${{CodePrefix}}/jobs/count.py"}}
"""


def job(declared: str = "{}", role: str = "!GetAtt CountRole.Arn", command: str = "glueetl") -> str:
    return JOB.format(declared=declared, role=role, command=command)


def derived(text: str, machines: Mapping[str, str] | None = None) -> dict[str, Role]:
    return {role.logical_id: role for role in roles({"jobs/count.yaml": textwrap.dedent(text)}, machines or {})}


def told(role: Role) -> set[str]:
    return {
        f"{one.action} {one.resource}" + (f" {one.condition[2][0]}" if one.condition else "") for one in role.grants
    }


@pytest.mark.parametrize(
    ("declared", "command", "expected"),
    [
        pytest.param(
            "{Reads: {Objects: [raw/flights/]}}",
            "glueetl",
            {"s3:GetObject arn:aws:s3:::${Lake}-raw/flights/*", "s3:ListBucket arn:aws:s3:::${Lake}-raw flights/*"},
            id="a-prefix-is-read-and-listed",
        ),
        pytest.param(
            "{Reads: {Objects: [ops/state/a.json]}}",
            "pythonshell",
            {
                "s3:GetObject arn:aws:s3:::${Lake}-ops/state/a.json",
                "s3:ListBucket arn:aws:s3:::${Lake}-ops state/a.json",
            },
            id="one-object",
        ),
        pytest.param(
            "{Writes: {Objects: [raw/airports/]}}",
            "pythonshell",
            {"s3:PutObject arn:aws:s3:::${Lake}-raw/airports/*"},
            id="a-python-shell-job-puts-and-nothing-else",
        ),
        pytest.param(
            "{Writes: {Objects: [clean/flights/]}}",
            "glueetl",
            {
                "s3:PutObject arn:aws:s3:::${Lake}-clean/flights/*",
                "s3:DeleteObject arn:aws:s3:::${Lake}-clean/flights/*",
                "s3:AbortMultipartUpload arn:aws:s3:::${Lake}-clean/flights/*",
                "s3:PutObject arn:aws:s3:::${Lake}-clean/flights_$folder$",
                "s3:ListBucket arn:aws:s3:::${Lake}-clean flights/*",
            },
            id="spark-replaces-and-lists-too",
        ),
        pytest.param(
            "{Reads: {Tables: [lake.t]}}",
            "pythonshell",
            {
                f"glue:{action} arn:aws:glue:${{Region}}:${{AccountId}}:{place}"
                for action in ("GetTable", "GetPartitions")
                for place in ("catalog", "database/lake", "table/lake/t")
            },
            id="a-table-is-catalog-database-and-table",
        ),
    ],
)
def test_a_declaration_gives_exactly_these(declared: str, command: str, expected: set[str]) -> None:
    without = told(derived(job(command=command))["CountRole"])
    assert told(derived(job(declared, command=command))["CountRole"]) - without == expected


def test_a_job_reads_its_script_and_writes_its_log() -> None:
    log = "arn:aws:logs:${Region}:${AccountId}:log-group:/aws-glue/jobs"
    assert told(derived(job())["CountRole"]) == {
        "s3:GetObject arn:aws:s3:::${Lake}-ops/code/*/jobs/count.py",
        *(
            f"logs:{action} {log}/{name}:*"
            for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
            for name in ("output", "error")
        ),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(job("{Read: {}}"), "count.yaml:5: CountJob: Metadata.Lakeshift takes Reads, Writes", id="key"),
        pytest.param(job("{Reads: {Files: []}}"), "takes Objects and Tables, not Files", id="kind"),
        pytest.param(job("{Reads: {Objects: ['s3://raw/x/']}}"), "write zone/key, as raw/flights/", id="address"),
        pytest.param(job("{Writes: {Objects: ['*/x']}}"), "is no place of the lake", id="every-zone"),
        pytest.param(job("{Reads: {Tables: [flights]}}"), "write database.table", id="table"),
        pytest.param(job(role="arn:aws:iam::1:role/x"), "its role has to be one of this stack", id="role-of-another"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        derived(text)
    assert message in str(caught.value)


MACHINE = """\
Resources:
  Nightly:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: nightly
      RoleArn: !GetAtt MachineRole.Arn
      DefinitionS3Location: {Bucket: b, Key: !Sub "${CodeKey}/pipelines/nightly.asl.json"}
      DefinitionSubstitutions: {Topic: !Ref AlertsTopic, OpsBucket: !Ref OpsBucket}
"""


def machine(resource: str, parameters: Mapping[str, object]) -> Role:
    states = {"States": {"One": {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters}}}
    nested = {"States": {"All": {"Type": "Parallel", "Branches": [states]}}}
    return derived(MACHINE, {"pipelines/nightly.asl.json": json.dumps(nested)})["MachineRole"]


@pytest.mark.parametrize(
    ("resource", "parameters", "expected"),
    [
        pytest.param(
            "glue:startJobRun.sync",
            {"JobName": "count"},
            {
                f"glue:{action} arn:aws:glue:${{Region}}:${{AccountId}}:job/count"
                for action in ("StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun")
            },
            id="a-job-that-is-waited-for",
        ),
        pytest.param("sns:publish", {"TopicArn": "${Topic}"}, {"sns:Publish ${AlertsTopic}"}, id="substitution"),
        pytest.param(
            "aws-sdk:s3:getObject",
            {"Bucket": "${OpsBucket}", "Key.$": "States.Format('pipeline/{}/a.json', $$.Execution.Name)"},
            {"s3:GetObject arn:aws:s3:::${Lake}-ops/pipeline/*/a.json"},
            id="a-key-made-by-format",
        ),
    ],
)
def test_a_task_brings_its_permission(resource: str, parameters: Mapping[str, object], expected: set[str]) -> None:
    assert told(machine(resource, parameters)) == expected


@pytest.mark.parametrize(
    ("resource", "parameters", "message"),
    [
        pytest.param(
            "athena:startQueryExecution", {}, "needs for athena:startQueryExecution is not known", id="unknown"
        ),
        pytest.param(
            "glue:startJobRun", {"JobName.$": "$.job"}, "has to name its JobName in the definition", id="open"
        ),
    ],
)
def test_a_task_whose_permission_cannot_be_told_is_refused(
    resource: str, parameters: Mapping[str, object], message: str
) -> None:
    with pytest.raises(DefinitionError, match=message):
        machine(resource, parameters)
