"""Definitions to resources: functions, references, order, and every problem with its file and line."""

from __future__ import annotations

import textwrap

import pytest

from lakeshift.definitions import Attribute, Deferred, DefinitionError, Stack, Value, load

PARAMETERS = {"Lake": "lake", "Stage": "local", "AccountId": "000000000000", "Region": "us-east-1", "Days": "7"}


def stack(text: str, file: str = "infra/a.yaml", **more: str) -> Stack:
    return load({file: textwrap.dedent(text)}, {**PARAMETERS, **more})


def role_description(expression: str, extra: str = "") -> Value:
    """What ``expression`` is worth in a role's description, with a bucket, a queue and a condition beside it."""
    text = f"""\
Conditions:
  IsLocal: !Equals [!Ref Stage, local]
  IsAway: !Not [!Condition IsLocal]
Resources:
  Data: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub "${{Lake}}-data"}}}}
  Inbox: {{Type: AWS::SQS::Queue, Properties: {{QueueName: inbox}}}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      AssumeRolePolicyDocument: {{}}
      Description: {expression}
{extra}"""
    found = {one.logical_id: one for one in load({"infra/a.yaml": text}, PARAMETERS)}
    return found["Role"].properties.get("Description", "(absent)")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        pytest.param("!Ref Lake", "lake", id="Ref-of-a-parameter"),
        pytest.param("{Ref: Lake}", "lake", id="Ref-long-form"),
        pytest.param("!Ref Data", "lake-data", id="Ref-of-a-bucket-is-its-name"),
        pytest.param("!Ref AWS::AccountId", "000000000000", id="pseudo-parameter"),
        pytest.param("!GetAtt Data.Arn", "arn:aws:s3:::lake-data", id="GetAtt"),
        pytest.param("{Fn::GetAtt: [Data, Arn]}", "arn:aws:s3:::lake-data", id="GetAtt-long-form-list"),
        pytest.param("{Fn::GetAtt: Data.Arn}", "arn:aws:s3:::lake-data", id="GetAtt-long-form-text"),
        pytest.param('!Sub "${Data.Arn}/*"', "arn:aws:s3:::lake-data/*", id="Sub-of-an-attribute"),
        pytest.param('!Sub "${!Literal}"', "${Literal}", id="Sub-keeps-a-literal"),
        pytest.param('!Sub ["${x}-${Lake}", {x: !Ref Stage}]', "local-lake", id="Sub-with-own-names"),
        pytest.param('!Join ["-", [a, !Ref Lake]]', "a-lake", id="Join"),
        pytest.param("!If [IsLocal, here, there]", "here", id="If-true"),
        pytest.param("!If [IsAway, here, there]", "there", id="If-false"),
        pytest.param("!If [IsAway, !Ref NoSuchParameter, there]", "there", id="a-branch-not-taken-is-not-looked-at"),
        pytest.param("!Ref AWS::NoValue", "(absent)", id="NoValue-takes-the-property-away"),
        pytest.param("2012-10-17", "2012-10-17", id="a-date-stays-a-text"),
        pytest.param('"${aws:userid}"', "${aws:userid}", id="a-policy-variable-is-no-place"),
        pytest.param("!Ref Inbox", Deferred((Attribute("Inbox", "Ref"),)), id="a-queue-url-waits"),
        pytest.param('!Sub "to ${Inbox}"', Deferred(("to ", Attribute("Inbox", "Ref"))), id="a-text-waits-with-it"),
    ],
)
def test_values(expression: str, value: Value) -> None:
    assert role_description(expression) == value


def _group(name: str, more: str = "") -> str:
    """A log group on line 2, and ``more`` below it."""
    return f"Resources:\n  A: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: {name}}}}}\n{more}"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param(
            "Resources:\n  A: {Type: AWS::EC2::Instance}", 2, "AWS::Glue::Job", id="type-not-supported-names-those"
        ),
        pytest.param("Resources:\n  A:\n    Properties: {}", 2, "no Type", id="no-type"),
        pytest.param(
            "Resources:\n  A:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: x, Kept: 3}",
            4,
            "no property Kept",
            id="unknown-property",
        ),
        pytest.param("Resources:\n  A:\n    Type: AWS::Logs::LogGroup", 2, "needs LogGroupName", id="missing-property"),
        pytest.param(
            "Resources:\n  A: {Type: AWS::Glue::Database, Properties: {CatalogId: x, DatabaseInput: {}}}",
            2,
            "DatabaseInput.Name",
            id="no-name-inside",
        ),
        pytest.param(_group("!Ref Nobody"), 2, "unknown name Nobody", id="unknown-name"),
        pytest.param(_group('!Sub "${Nobody}"'), 2, "unknown name Nobody", id="unknown-name-in-sub"),
        pytest.param(
            _group("!GetAtt B.Url}}\n  B: {Type: AWS::S3::Bucket, Properties: {BucketName: b"),
            2,
            "no attribute Url",
            id="unknown-attribute",
        ),
        pytest.param(_group("!Base64 x"), 2, "!Base64", id="unknown-function"),
        pytest.param(_group("{Fn::ImportValue: x}"), 2, "Fn::ImportValue", id="unknown-function-long-form"),
        pytest.param("Resources:\n  A: &a {Type: AWS::Logs::LogGroup}\n  B: *a", 2, "anchors and aliases", id="alias"),
        pytest.param("Resources:\n  A: !!python/object/apply:os.system [x]", 2, "plain data", id="object-tag"),
        pytest.param("Resources:\n  A:\n   x\n  - y", 4, "not YAML", id="not-yaml"),
        pytest.param(
            "Resources:\n  A: {Type: AWS::Logs::LogGroup, Type: x, Properties: {LogGroupName: x}}",
            2,
            "twice",
            id="key-twice",
        ),
        pytest.param("Parameters: {}\nResources: {}", 1, "environments/<stage>.yaml", id="parameters-have-their-place"),
        pytest.param(
            "Resources:\n  A: {Type: AWS::Logs::LogGroup, DependsOn: Z, Properties: {LogGroupName: x}}",
            2,
            "Z, which is unknown",
            id="depends-on-unknown",
        ),
        pytest.param(
            "Resources:\n  A: {Type: AWS::Logs::LogGroup, Condition: Z, Properties: {LogGroupName: x}}",
            2,
            "unknown condition Z",
            id="condition-unknown",
        ),
        pytest.param(
            _group("!Ref B", "  B: {Type: AWS::Logs::LogGroup, DependsOn: A, Properties: {LogGroupName: b}}"),
            2,
            "a circle",
            id="circle",
        ),
        pytest.param(_group("!Ref A"), 2, "asks for itself", id="name-of-itself"),
    ],
)
def test_problems_have_file_and_line(text: str, line: int, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        stack(text)
    assert [(one.file, one.line) for one in caught.value.problems if message in one.message] == [("infra/a.yaml", line)]


def test_all_problems_of_all_files_are_told_at_once() -> None:
    group = "Resources:\n  {0}: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !Ref {1}}}}}"
    with pytest.raises(DefinitionError) as caught:
        load({"infra/a.yaml": group.format("A", "No"), "jobs/b.yaml": group.format("B", "Nor")}, PARAMETERS)
    assert {one.file for one in caught.value.problems} == {"infra/a.yaml", "jobs/b.yaml"}
    assert "infra/a.yaml:2:" in str(caught.value)
    assert "2 problems" in str(caught.value)


def test_a_logical_id_is_used_once_over_all_files() -> None:
    group = "Resources:\n  A: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: x}}"
    with pytest.raises(DefinitionError, match=r"infra/b.yaml:2: A is already the logical id of infra/a.yaml:2"):
        load({"infra/a.yaml": group, "infra/b.yaml": group}, PARAMETERS)


def test_resources_come_after_those_they_name() -> None:
    found = stack(
        """\
        Resources:
          A: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref B, PolicyDocument: {}}}
          B: {Type: AWS::S3::Bucket, DependsOn: C, Properties: {BucketName: b}}
          C: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: c}}
        """
    )
    assert [one.logical_id for one in found] == ["C", "B", "A"]


def test_a_resource_whose_condition_does_not_hold_is_not_there() -> None:
    text = """\
        Conditions: {Away: !Not [!Equals [!Ref Stage, local]]}
        Resources:
          A: {Type: AWS::Logs::LogGroup, Condition: Away, Properties: {LogGroupName: a}}
          B: {Type: AWS::Logs::LogGroup, DependsOn: A, Properties: {LogGroupName: b}}
        """
    assert [one.logical_id for one in stack(text)] == ["B"]
    assert {one.logical_id for one in stack(text, Stage="prod")} == {"A", "B"}


def test_deletion_policy_is_kept() -> None:
    (found,) = stack("Resources:\n  A: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: a}}")
    assert found.retain
