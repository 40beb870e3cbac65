"""Plan and apply against the local AWS: every type made, found as it is, changed, found as it is again."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakeshift.definitions import TYPES, DefinitionError
from lakeshift.deploy import AwsSession, Plan, apply, plan, remove
from lakeshift.deploy.warehouse import Warehouse
from lakeshift.errors import LakeshiftError
from lakeshift.local.server import LocalAws

EVERYTHING = """\
Resources:
  Ops:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${Lake}-ops"
      VersioningConfiguration: {Status: Enabled}
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true}
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
      LifecycleConfiguration:
        Rules:
          - {Id: old, Status: Enabled, Prefix: x/, ExpirationInDays: !Ref Days}
          - {Id: cold, Status: Enabled, Transitions: [{StorageClass: GLACIER, TransitionInDays: 9}]}
  OpsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Ops
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Sid: !Ref Word, Effect: Deny, Principal: "*", Action: "s3:*", Resource: !GetAtt Ops.Arn}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "${Lake}-role"
      Description: !Ref Word
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: glue.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: !Ref Word
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Ops.Arn}/*"}]
  Database:
    Type: AWS::Glue::Database
    Properties: {DatabaseInput: {Name: tiny, Description: !Ref Word}}
  Lines:
    Type: AWS::Glue::Classifier
    Properties: {CsvClassifier: {Name: tiny-csv, Delimiter: "|", ContainsHeader: PRESENT, Header: [a, !Ref Word]}}
  Crawler:
    Type: AWS::Glue::Crawler
    Properties:
      Name: tiny
      Role: !GetAtt Role.Arn
      DatabaseName: !Ref Database
      Classifiers: [!Ref Lines]
      Targets: {S3Targets: [{Path: !Sub "s3://${Ops}/x"}]}
      TablePrefix: !Ref Word
  Connection:
    Type: AWS::Glue::Connection
    Properties:
      ConnectionInput:
        Name: tiny
        ConnectionType: JDBC
        ConnectionProperties:
          {JDBC_CONNECTION_URL: !Sub "jdbc:postgresql://127.0.0.1:1/${Word}", USERNAME: a, PASSWORD: b}
  Job:
    Type: AWS::Glue::Job
    Properties:
      Name: tiny
      Role: !GetAtt Role.Arn
      Command: {Name: pythonshell, PythonVersion: "3.9", ScriptLocation: !Sub "${CodePrefix}/jobs/tiny.py"}
      MaxCapacity: 0.0625
      Timeout: !Ref Days
      DefaultArguments: {"--extra-py-files": !Ref CommonWheel, "--queue": !Ref Queue}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${Lake}-topic", DisplayName: !Ref Word}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Lake}-queue", VisibilityTimeout: !Ref Days}}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: !Ref Word
            Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Queue.Arn
  Subscription:
    Type: AWS::SNS::Subscription
    DependsOn: QueuePolicy
    Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn, RawMessageDelivery: !Ref Truth}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: !Sub "${Lake}-machine"
      RoleArn: !GetAtt Role.Arn
      DefinitionS3Location: {Bucket: !Ref CodeBucket, Key: !Sub "${CodeKey}/pipelines/tiny.asl.json"}
      DefinitionSubstitutions: {Word: !Ref Word, TaskArn: !GetAtt Transfer.TaskArn}
  Stream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamName: !Sub "${Lake}-stream"
      DeliveryStreamType: DirectPut
      ExtendedS3DestinationConfiguration:
        RoleARN: !GetAtt Role.Arn
        BucketARN: !GetAtt Ops.Arn
        Prefix: !Sub "${Word}/"
  Share:
    Type: AWS::DataSync::LocationNFS
    Properties:
      ServerHostname: 127.0.0.1
      Subdirectory: /tiny
      OnPremConfig: {AgentArns: ["arn:aws:datasync:us-east-1:000000000000:agent/agent-00000000000000000"]}
  Landing:
    Type: AWS::DataSync::LocationS3
    Properties:
      S3BucketArn: !GetAtt Ops.Arn
      Subdirectory: /landing/
      S3Config: {BucketAccessRoleArn: !GetAtt Role.Arn}
  Transfer:
    Type: AWS::DataSync::Task
    Properties:
      Name: tiny
      SourceLocationArn: !Ref Share
      DestinationLocationArn: !Ref Landing
      Includes: [{FilterType: SIMPLE_PATTERN, Value: !Sub "/${Word}"}]
  Admin:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: !Sub "${Lake}/admin"
      Description: !Ref Word
      GenerateSecretString: {SecretStringTemplate: '{"username": "x"}', GenerateStringKey: password, PasswordLength: 32}
  Cluster:
    Type: AWS::Redshift::Cluster
    DependsOn: Admin
    Properties:
      ClusterIdentifier: !Ref WarehouseCluster
      ClusterType: single-node
      NodeType: ra3.large
      DBName: !Ref WarehouseDatabase
      MasterUsername: !Ref WarehouseUser
      MasterUserPassword: !Sub "{{resolve:secretsmanager:${Lake}/admin:SecretString:password}}"
      IamRoles: [!GetAtt Role.Arn]
      PubliclyAccessible: false
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/${Lake}", RetentionInDays: !Ref Days}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: !Sub "${Lake}-rule"
      Description: !Ref Word
      EventPattern: {source: [aws.glue]}
      Targets: [{Id: !Ref Word, Arn: !GetAtt Queue.Arn}]
"""
# What the parameters Word, Days and Truth change; the others have no such property.
CHANGED = {
    *("Ops", "OpsPolicy", "Role", "Database", "Lines", "Crawler", "Connection", "Job", "Topic", "Queue"),
    *("QueuePolicy", "Subscription", "Machine", "Stream", "Transfer", "Admin", "Group", "Rule"),
}
PARAMETERS = """\
Parameters:
  {Stage: local, Lake: tiny, Region: us-east-1, WarehouseCluster: tiny, WarehouseDatabase: lake, WarehouseUser: x,
   Word: one, Days: 7, Truth: "true"}
"""
OTHER = {"Word": "other", "Days": "14", "Truth": "false"}


@dataclass(frozen=True)
class Project:
    """A small repository and the local AWS it is deployed to."""

    root: Path
    session: AwsSession

    def plan(self, **overrides: str) -> Plan:
        return plan("local", self.session, overrides, self.root)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(textwrap.dedent(text))


@pytest.fixture(scope="module")
def session(local_aws: LocalAws) -> AwsSession:
    return AwsSession("local", endpoint=local_aws.endpoint)


@pytest.fixture
def project(tmp_path: Path, session: AwsSession) -> Project:
    """With no more than a bucket for its code."""
    one = Project(tmp_path, session)
    one.write("environments/local.yaml", PARAMETERS.replace("tiny", f"t{tmp_path.name[-12:].replace('_', '')}".lower()))
    one.write("infra/a.yaml", "Resources:\n" + textwrap.indent(OPS, "  "))
    one.write("common/__init__.py", "")
    one.write("jobs/tiny.py", "print(1)")
    return one


OPS = "Ops: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${Lake}-ops'}}\n"


def names(desired: Plan, action: str) -> set[str]:
    return {step.resource.logical_id for step in desired.steps if step.action == action}


def of_every_type(root: Path, session: AwsSession) -> Project:
    """A repository with one resource of every type, and one file of SQL of every kind."""
    one = Project(root, session)
    one.write("environments/local.yaml", PARAMETERS)
    one.write("infra/all.yaml", EVERYTHING)
    one.write("common/__init__.py", "")
    one.write("jobs/tiny.py", "print(1)")
    states = '{"A": {"Type": "Pass", "Comment": "${Word}", "End": true}}'
    machine = '{"Comment": "${TaskArn}", "StartAt": "A", "States": ' + states + "}"
    one.write("pipelines/tiny.asl.json", machine)
    one.write("sql/redshift/schemas/tiny.sql", "CREATE SCHEMA IF NOT EXISTS tiny;")
    one.write("sql/redshift/tables/tiny.t.sql", "CREATE TABLE IF NOT EXISTS tiny.t (a INT);")
    one.write("sql/redshift/views/tiny.v.sql", "CREATE OR REPLACE VIEW tiny.v AS SELECT a FROM tiny.t;")
    return one


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, session: AwsSession) -> dict[str, Plan]:
    """The plans before and after each apply: new, same, changed, same again."""
    one = of_every_type(tmp_path_factory.mktemp("everything"), session)
    plans = {"new": one.plan()}
    apply(plans["new"], session)
    plans["same"] = one.plan()
    plans["changed"] = one.plan(**OTHER)
    apply(plans["changed"], session)
    plans["same again"] = one.plan(**OTHER)
    return plans


def test_the_definitions_of_these_tests_have_every_type(everything: dict[str, Plan]) -> None:
    assert {step.resource.type for step in everything["new"].steps} == set(TYPES)


def test_all_of_a_new_stage_is_created(everything: dict[str, Plan]) -> None:
    new = everything["new"]
    assert new.counts() == {"create": len(TYPES), "update": 0, "none": 0}
    assert [one.path for one in new.migrations] == [
        "sql/redshift/schemas/tiny.sql",
        "sql/redshift/tables/tiny.t.sql",
        "sql/redshift/views/tiny.v.sql",
    ]
    assert new.steps[0].resource.logical_id == "Ops", "the code's bucket is first"


@pytest.mark.parametrize("name", ["same", "same again"])
def test_nothing_is_left_to_do_after_an_apply(everything: dict[str, Plan], name: str) -> None:
    assert not everything[name].changes, everything[name].text()


def test_exactly_what_changed_is_updated(everything: dict[str, Plan]) -> None:
    changed = everything["changed"]
    assert names(changed, "update") == CHANGED
    assert names(changed, "create") == set()
    assert "    TablePrefix: one -> other" in changed.text()
    assert changed.to_json()["counts"] == changed.counts()


@pytest.mark.usefixtures("everything")
def test_values_that_only_aws_knows_are_filled_in(session: AwsSession) -> None:
    url = session.call("sqs", "get_queue_url", QueueName="tiny-queue")["QueueUrl"]
    assert session.call("glue", "get_job", JobName="tiny")["Job"]["DefaultArguments"]["--queue"] == url
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:tiny-machine"
    definition = session.call("stepfunctions", "describe_state_machine", stateMachineArn=arn)["definition"]
    assert '"Comment": "arn:aws:datasync:us-east-1:000000000000:task/task-' in definition


@pytest.mark.usefixtures("everything")
def test_resources_are_tagged_with_their_stack(session: AwsSession) -> None:
    tag = {"Key": "lakeshift:stack", "Value": "tiny"}
    assert tag in session.call("s3", "get_bucket_tagging", Bucket="tiny-ops")["TagSet"]
    assert tag in session.call("iam", "get_role", RoleName="tiny-role")["Role"]["Tags"]
    assert tag in session.call("secretsmanager", "describe_secret", SecretId="tiny/admin")["Tags"]


@pytest.mark.usefixtures("everything")
def test_an_inline_policy_that_is_no_longer_declared_is_gone(session: AwsSession) -> None:
    assert session.call("iam", "list_role_policies", RoleName="tiny-role")["PolicyNames"] == ["other"]
    targets = session.call("events", "list_targets_by_rule", Rule="tiny-rule")["Targets"]
    assert [one["Id"] for one in targets] == ["other"]


def test_code_is_uploaded_once_and_a_new_text_beside_the_old(project: Project) -> None:
    first = project.plan()
    assert [one.path for one in first.uploads] == ["jobs/tiny.py", "wheels/lakeshift_common-0.1.0-py3-none-any.whl"]
    apply(first, project.session)
    assert project.plan().uploads == ()
    project.write("jobs/tiny.py", "print(2)")
    apply(project.plan(), project.session)
    bucket = first.project.code.bucket
    keys = [item["Key"] for item in project.session.pages("s3", "list_objects_v2", "Contents", Bucket=bucket)]
    assert len([key for key in keys if key.endswith("/jobs/tiny.py")]) == 2


def test_what_was_changed_by_hand_is_put_back(project: Project) -> None:
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: 30"))
    apply(project.plan(), project.session)
    name = f"/{project.plan().project.name}"
    project.session.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=1)
    drifted = project.plan()
    assert "    RetentionInDays: 1 -> 30" in drifted.text()
    result = apply(drifted, project.session)
    assert (result.created, result.updated) == ((), ("Group",))


GROUP = "Resources:\n  Group: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !Sub '/${{Lake}}', {}}}}}\n"


def test_an_apply_that_is_cut_off_goes_on_where_it_was(project: Project) -> None:
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: 30"))

    def cut(line: str) -> None:
        if line == "create Group":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(project.plan(), project.session, cut)
    rest = project.plan()
    assert names(rest, "create") == {"Group"}
    assert rest.uploads == ()


def test_a_refused_call_names_the_resource_and_its_line(project: Project) -> None:
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: soon"))
    with pytest.raises(LakeshiftError, match=r"Group \(AWS::Logs::LogGroup, infra/b.yaml:2\) was not created"):
        apply(project.plan(), project.session)


def test_what_cannot_be_changed_in_place_is_refused_before_anything_is_done(
    everything: dict[str, Plan], session: AwsSession
) -> None:
    root = everything["new"].project.root
    one = Project(root, session)
    before = (root / "infra/all.yaml").read_text()
    (root / "infra/all.yaml").write_text(before.replace("DBName: !Ref WarehouseDatabase", "DBName: another"))
    try:
        with pytest.raises(DefinitionError, match="DBName of AWS::Redshift::Cluster cannot be changed in place"):
            one.plan(**OTHER)
    finally:
        (root / "infra/all.yaml").write_text(before)


def test_a_changed_table_is_refused_and_a_changed_view_runs_again(
    everything: dict[str, Plan], session: AwsSession
) -> None:
    one = Project(everything["new"].project.root, session)
    table, view = (one.root / f"sql/redshift/{name}" for name in ("tables/tiny.t.sql", "views/tiny.v.sql"))
    before = {path: path.read_text() for path in (table, view)}
    try:
        table.write_text("-- a comment\n" + before[table])
        view.write_text(before[view].replace("SELECT a", "SELECT a + 1 AS a"))
        again = one.plan(**OTHER)
        assert [file.path for file in again.migrations] == ["sql/redshift/views/tiny.v.sql"]
        table.write_text(before[table].replace("(a INT)", "(a INT, b INT)"))
        with pytest.raises(LakeshiftError, match=r"tables/tiny\.t\.sql: the table is already made"):
            one.plan(**OTHER)
    finally:
        for path, text in before.items():
            path.write_text(text)


@pytest.mark.parametrize(
    ("stage", "overrides", "message"),
    [
        pytest.param("prod", {}, "The session is of the stage local|There is no stage prod", id="other-stage"),
        pytest.param("local", {"Lak": "x"}, "Lak: no parameter", id="unknown-override"),
    ],
)
def test_refused(project: Project, stage: str, overrides: dict[str, str], message: str) -> None:
    with pytest.raises(LakeshiftError, match=message):
        plan(stage, project.session, overrides, project.root)


def test_another_account_is_refused(project: Project) -> None:
    text = (project.root / "environments/local.yaml").read_text()
    project.write("environments/local.yaml", 'Account: "111111111111"\n' + text)
    with pytest.raises(LakeshiftError, match="belongs to the account 111111111111"):
        project.plan()


def test_a_placeholder_without_substitution_is_refused(project: Project) -> None:
    project.write("pipelines/x.asl.json", '{"Comment": "${Nobody}"}')
    project.write("pipelines/x.yaml", MACHINE)
    with pytest.raises(DefinitionError, match=r"pipelines/x.yaml:2: Machine: no DefinitionSubstitutions for"):
        project.plan()


MACHINE = """\
    Resources:
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          StateMachineName: x
          RoleArn: x
          DefinitionS3Location: {Bucket: !Ref CodeBucket, Key: !Sub "${CodeKey}/pipelines/x.asl.json"}
"""


def test_a_warehouse_without_its_record_has_run_nothing(session: AwsSession) -> None:
    where = {"ClusterIdentifier": "bare", "NodeType": "ra3.large", "ClusterType": "single-node", "DBName": "lake"}
    session.call("redshift", "create_cluster", **where, MasterUsername="x", MasterUserPassword="Passw0rd1")
    bare = {"WarehouseCluster": "bare", "WarehouseDatabase": "lake", "WarehouseUser": "x"}
    assert Warehouse(session, bare).recorded() == {}


def test_a_stage_is_removed_but_for_what_is_retained(tmp_path: Path, session: AwsSession) -> None:
    one = of_every_type(tmp_path, session)
    for path, text in (("environments/local.yaml", PARAMETERS), ("infra/all.yaml", EVERYTHING)):
        one.write(path, text.replace("tiny", "gone").replace("/gone.asl", "/tiny.asl"))
    one.write("sql/redshift/views/tiny.v.sql", "")
    text = (tmp_path / "infra/all.yaml").read_text()
    (tmp_path / "infra/all.yaml").write_text(text.replace("  Ops:\n", "  Ops:\n    DeletionPolicy: Retain\n", 1))
    desired = one.plan()
    apply(desired, session)
    removed = remove("local", session, root=tmp_path)
    assert removed.kept == ("Ops",)
    assert set(removed.deleted) == names(desired, "create") - {"Ops"}
    assert names(one.plan(), "none") == {"Ops"}
    apply(one.plan(), session)
    assert names(one.plan(), "none") == names(desired, "create"), "a stage that was removed can be made again"


def test_a_bucket_with_objects_is_not_removed(project: Project) -> None:
    apply(project.plan(), project.session)
    with pytest.raises(LakeshiftError, match=r"Ops .* was not deleted: .*BucketNotEmpty"):
        remove("local", project.session, root=project.root)
