"""Around a deployment: approved plans, what is no longer declared, adoption, rollback, drift, another stage."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeshift.definitions import DefinitionError
from lakeshift.deploy import AwsSession, Plan, apply, remove
from lakeshift.deploy.adopting import adopt
from lakeshift.deploy.approved import check_approved, read_approved
from lakeshift.deploy.drift import drift_json, drift_text, find_drift
from lakeshift.deploy.lock import Lock, break_lock
from lakeshift.deploy.record import Record
from lakeshift.deploy.records import Records
from lakeshift.deploy.report import plan_json, plan_text
from lakeshift.deploy.rolling_back import plan_rollback
from lakeshift.errors import LakeshiftError
from tests.local.deploy.stage import PARAMETERS, Project

OPS = 'Resources:\n  Ops: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Lake}-ops"}}\n'
GROUP = """\
Resources:
  {0}: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !Sub "/${{Lake}}/{1}", RetentionInDays: {2}}}}}
"""
QUEUE = """\
Resources:
  Queue: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Sub "${{Lake}}-q", VisibilityTimeout: {}}}}}
"""
CLASSIFIER = """\
Resources:
  Theirs: {Type: AWS::Glue::Classifier, Properties: {JsonClassifier: {Name: !Ref Lake, JsonPath: $.b}}}
"""
JOB = """\
Resources:
  Job:
    Type: AWS::Glue::Job
    Properties:
      Name: !Sub "${Lake}-job"
      Role: r
      Command: {Name: pythonshell, PythonVersion: "3.9", ScriptLocation: !Sub "${CodePrefix}/jobs/tiny.py"}
"""


@pytest.fixture
def one(tmp_path: Path, session: AwsSession) -> Project:
    """A bucket, a queue and a log group, deployed."""
    made = Project(tmp_path, session)
    name = f"w{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:10]}"
    made.write("environments/local.yaml", PARAMETERS.replace("tiny", name))
    made.write("infra/a.yaml", OPS)
    made.write("infra/group.yaml", GROUP.format("Group", "log", 7))
    made.write("infra/queue.yaml", QUEUE.format(30))
    made.write("common/__init__.py", "")
    made.write("jobs/tiny.py", "print(1)")
    apply(made.plan(), session)
    return made


def lake(one: Project) -> str:
    return one.plan().project.name


def actions(plan: Plan) -> dict[str, str]:
    return {step.resource.logical_id: step.action for step in plan.steps if step.action != "none"}


def record_of(one: Project) -> Record:
    found = Records(one.session, f"{lake(one)}-ops").current()
    assert found is not None
    return found


# What is no longer declared


def test_what_is_no_longer_declared_goes(one: Project) -> None:
    (one.root / "infra/group.yaml").unlink()
    desired = one.plan()
    assert "- Group (AWS::Logs::LogGroup)" in plan_text(desired)
    assert apply(desired, one.session).deleted == ("Group",)
    assert not one.plan().changes


def test_what_holds_data_stays_and_is_forgotten_unless_it_is_named(one: Project) -> None:
    one.write("infra/more.yaml", OPS.replace("Ops", "More").replace("-ops", "-more"))
    apply(one.plan(), one.session)
    one.session.call("s3", "put_object", Bucket=f"{lake(one)}-more", Key="a", Body=b"1")
    (one.root / "infra/more.yaml").unlink()
    kept = one.plan()
    assert "- More (AWS::S3::Bucket; holds data and stays, no longer managed here)" in plan_text(kept)
    assert apply(kept, one.session).kept == ("More",)
    assert not one.plan().changes
    one.write("infra/more.yaml", OPS.replace("Ops", "More").replace("-ops", "-more"))
    apply(one.plan(), one.session)
    (one.root / "infra/more.yaml").unlink()
    named = plan_with(one, {"More"})
    assert actions(named) == {"More": "delete"}
    assert apply(named, one.session).deleted == ("More",)


def plan_with(one: Project, data: set[str]) -> Plan:
    from lakeshift.deploy import plan

    return plan("local", one.session, {}, one.root, data)


def test_a_new_name_makes_a_new_one_and_takes_the_old_one_away(one: Project) -> None:
    one.write("infra/group.yaml", GROUP.format("Group", "other", 7))
    desired = one.plan()
    assert [(step.resource.logical_id, step.action) for step in desired.steps if step.action != "none"] == [
        ("Group", "create"),
        ("Group", "delete"),
    ]
    apply(desired, one.session)
    groups = one.session.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=f"/{lake(one)}")
    assert [group["logGroupName"] for group in groups] == [f"/{lake(one)}/other"]
    assert not one.plan().changes


def test_what_somebody_else_made_under_an_old_name_is_left(one: Project) -> None:
    name = f"{lake(one)}-q"
    one.session.call(
        "sqs", "delete_queue", QueueUrl=one.session.call("sqs", "get_queue_url", QueueName=name)["QueueUrl"]
    )
    one.session.call("sqs", "create_queue", QueueName=name)
    (one.root / "infra/queue.yaml").unlink()
    assert actions(one.plan()) == {}


def test_what_stays_keeps_what_it_needs_and_the_policy_that_guards_it(one: Project) -> None:
    one.write("infra/kept.yaml", KEPT)
    apply(one.plan(), one.session)
    removed = remove("local", one.session, root=one.root)
    assert set(removed.kept) == {"Ops", "OpsPolicy", "Warehouse", "WarehouseRole"}
    assert set(removed.deleted) == {"Group", "Queue", "Free"}
    again = remove("local", one.session, root=one.root, data=["yes"])
    assert set(again.deleted) == set(removed.kept)


KEPT = """\
    Resources:
      OpsPolicy:
        Type: AWS::S3::BucketPolicy
        Properties:
          Bucket: !Ref Ops
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Deny
                Principal: "*"
                Action: s3:*
                Resource: !GetAtt Ops.Arn
                Condition: {Bool: {aws:SecureTransport: "false"}}
      Free:
        Type: AWS::IAM::Role
        Properties:
          RoleName: !Sub "${Lake}-free"
          AssumeRolePolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Principal: {Service: redshift.amazonaws.com}, Action: "sts:AssumeRole"}]
      WarehouseRole:
        Type: AWS::IAM::Role
        Properties:
          RoleName: !Sub "${Lake}-warehouse"
          AssumeRolePolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Principal: {Service: redshift.amazonaws.com}, Action: "sts:AssumeRole"}]
      Warehouse:
        Type: AWS::Redshift::Cluster
        Properties:
          ClusterIdentifier: !Ref WarehouseCluster
          ClusterType: single-node
          NodeType: ra3.large
          DBName: lake
          MasterUsername: x
          MasterUserPassword: Passw0rd
          IamRoles: [!GetAtt WarehouseRole.Arn]
"""

# Approved plans


@pytest.fixture
def approved(one: Project, tmp_path: Path) -> Path:
    one.write("infra/group.yaml", GROUP.format("Group", "log", 14))
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan_json(one.plan())))
    return path


def test_an_approved_plan_is_applied_where_nothing_changed(one: Project, approved: Path) -> None:
    desired = one.plan()
    check_approved(read_approved(approved), desired)
    assert apply(desired, one.session).updated == ("Group",)


@pytest.mark.parametrize("what", ["aws", "definition", "code"])
def test_an_approved_plan_is_refused_where_something_changed(one: Project, approved: Path, what: str) -> None:
    if what == "aws":
        one.session.call("logs", "put_retention_policy", logGroupName=f"/{lake(one)}/log", retentionInDays=3)
    elif what == "definition":
        one.write("infra/group.yaml", GROUP.format("Group", "log", 30))
    else:
        one.write("jobs/tiny.py", "print(2)")
    with pytest.raises(LakeshiftError, match=r"\(code\) changed" if what == "code" else "Group changed"):
        check_approved(read_approved(approved), one.plan())


@pytest.mark.parametrize("text", ["", "[]", '{"format": 0}'])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(LakeshiftError, match="make plan ENV="):
        read_approved(tmp_path / "plan.json")


def test_a_plan_that_another_deployment_overtook_is_refused(one: Project) -> None:
    one.write("infra/group.yaml", GROUP.format("Group", "log", 14))
    late = one.plan()
    apply(one.plan(), one.session)
    with pytest.raises(LakeshiftError, match="Another deployment ran"):
        apply(late, one.session)


# The lock


def test_a_lock_is_broken_by_its_own_id_only(one: Project) -> None:
    bucket = f"{lake(one)}-ops"
    with Lock(one.session, bucket, "something") as lock:
        with pytest.raises(LakeshiftError, match="another deployment runs"):
            remove("local", one.session, root=one.root)
        with pytest.raises(LakeshiftError, match="not nonsense"):
            break_lock(one.session, bucket, "nonsense")
        break_lock(one.session, bucket, lock.id)
    with pytest.raises(LakeshiftError, match="no lock"):
        break_lock(one.session, bucket, "nonsense")


# Adoption


def test_what_others_made_is_refused_until_it_is_adopted(one: Project) -> None:
    name = f"/{lake(one)}/theirs"
    one.session.call("logs", "create_log_group", logGroupName=name)
    one.session.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=1)
    one.write("infra/theirs.yaml", GROUP.format("Theirs", "theirs", 30))
    with pytest.raises(DefinitionError, match=r"infra/theirs.yaml:2: Theirs: .* make adopt ENV=<stage> NAME=Theirs"):
        one.plan()
    assert adopt("local", one.session, ["Theirs"], root=one.root) == ("Theirs",)
    desired = one.plan()
    assert not desired.by_hand, "nothing of it was deployed by us"
    assert "    RetentionInDays: 1 -> 30" in plan_text(desired)
    apply(desired, one.session)
    assert not one.plan().changes
    assert adopt("local", one.session, ["Theirs"], root=one.root) == ()
    assert "Theirs" in remove("local", one.session, root=one.root).deleted


def test_what_takes_no_tags_is_adopted_by_the_record(one: Project) -> None:
    one.session.call("glue", "create_classifier", JsonClassifier={"Name": lake(one), "JsonPath": "$.a"})
    one.write("infra/theirs.yaml", CLASSIFIER)
    with pytest.raises(DefinitionError, match="no deployment of this stack made it"):
        one.plan()
    adopt("local", one.session, ["Theirs"], root=one.root)
    assert actions(one.plan()) == {"Theirs": "update"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("Nobody", "not defined in this stage", id="unknown"),
        pytest.param("New", "is not there: the next deployment makes it", id="missing"),
        pytest.param("Other", "belongs to the stack somebody", id="of-another-stack"),
    ],
)
def test_what_cannot_be_adopted(one: Project, name: str, message: str) -> None:
    one.write("infra/new.yaml", GROUP.format("New", "new", 30))
    one.write("infra/other.yaml", GROUP.format("Other", "other", 30))
    tags = {"lakeshift:stack": "somebody"}
    one.session.call("logs", "create_log_group", logGroupName=f"/{lake_of(one)}/other", tags=tags)
    with pytest.raises(LakeshiftError, match=message):
        adopt("local", one.session, [name], root=one.root)


def lake_of(one: Project) -> str:
    """Without a plan."""
    return (one.root / "environments/local.yaml").read_text().split("Lake: ")[1].split(",")[0]


# Drift


def test_drift_is_shown_field_by_field_and_nothing_is_written(one: Project) -> None:
    record = record_of(one)
    assert find_drift(record, one.session) == ()
    assert drift_text(record, ()).startswith("All resources are as the deployment 1 (")
    name = f"/{lake(one)}/log"
    one.session.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=3)
    url = one.session.call("sqs", "get_queue_url", QueueName=f"{lake(one)}-q")["QueueUrl"]
    one.session.call("sqs", "delete_queue", QueueUrl=url)
    found = find_drift(record, one.session)
    text = drift_text(record, found)
    assert "! Group (AWS::Logs::LogGroup)\n    RetentionInDays: deployed 7, now 3\n" in text
    assert "! Queue (AWS::SQS::Queue): is gone\n2 of 3 resources are not as" in text
    told = {each["logical_id"]: each for each in drift_json(record, found)["drift"]}
    assert told["Group"]["fields"] == [{"path": "RetentionInDays", "deployed": "7", "now": "3"}]
    assert record_of(one) == record
    group = one.session.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)[0]
    assert group["retentionInDays"] == 3


def test_a_lost_tag_is_drift(one: Project) -> None:
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:/{lake(one)}/log"
    one.session.call("logs", "untag_resource", resourceArn=arn, tagKeys=["lakeshift:stack"])
    (found,) = find_drift(record_of(one), one.session)
    assert (found.logical_id, found.untagged) == ("Group", True)
    assert remove("local", one.session, root=one.root).foreign == ("Group",), "and it is not ours to delete any more"


# Rollback


def test_a_rollback_is_the_definitions_and_the_code_of_then(one: Project) -> None:
    one.write("infra/job.yaml", JOB)
    apply(one.plan(), one.session)
    first = record_of(one)
    one.write("jobs/tiny.py", "print(2)")
    one.write("infra/queue.yaml", QUEUE.format(60))
    one.write("infra/new.yaml", GROUP.format("New", "new", 30))
    apply(one.plan(), one.session)
    back = plan_rollback("local", one.session, first.sha, root=one.root)
    assert actions(back) == {"Job": "update", "Queue": "update", "New": "delete"}
    assert back.uploads == (), "the code of then is still there"
    apply(back, one.session)
    job = one.session.call("glue", "get_job", JobName=f"{lake(one)}-job")["Job"]
    assert f"/code/{first.sha}/" in job["Command"]["ScriptLocation"]
    assert (record_of(one).number, record_of(one).sha) == (4, first.sha)
    again = plan_rollback("local", one.session, "3", root=one.root)
    assert actions(again) == {"Job": "update", "Queue": "update", "New": "create"}


def test_a_rollback_to_what_is_not_kept_is_refused(one: Project) -> None:
    with pytest.raises(LakeshiftError, match=r"no deployment nonsense. The last ones are 1 \("):
        plan_rollback("local", one.session, "nonsense", root=one.root)
    record = record_of(one)
    key = f"code/{record.sha}/jobs/tiny.py"
    one.session.call("s3", "put_object", Bucket=f"{lake(one)}-ops", Key=key, Body=b"print(9)")
    with pytest.raises(LakeshiftError, match="not what its name says"):
        plan_rollback("local", one.session, record.sha, root=one.root)
    one.session.call("s3", "delete_object", Bucket=f"{lake(one)}-ops", Key=key)
    with pytest.raises(LakeshiftError, match=r"jobs/tiny\.py is gone"):
        plan_rollback("local", one.session, record.sha, root=one.root)


def test_a_password_is_in_no_record_and_comes_from_the_definitions_of_today(one: Project) -> None:
    connection = """\
        Resources:
          Connection:
            Type: AWS::Glue::Connection
            Properties:
              CatalogId: !Ref AccountId
              ConnectionInput:
                Name: !Ref Lake
                ConnectionType: JDBC
                ConnectionProperties: {JDBC_CONNECTION_URL: "jdbc:postgresql://x/%s", USERNAME: a, PASSWORD: secret7}
    """
    one.write("infra/connection.yaml", connection % "one")
    apply(one.plan(), one.session)
    first = record_of(one)
    assert "secret7" not in json.dumps(first.to_json())
    one.write("infra/connection.yaml", connection % "two")
    apply(one.plan(), one.session)
    apply(plan_rollback("local", one.session, str(first.number), root=one.root), one.session)
    told: Any = one.session.call("glue", "get_connection", Name=lake(one))["Connection"]["ConnectionProperties"]
    assert (told["JDBC_CONNECTION_URL"], told["PASSWORD"]) == ("jdbc:postgresql://x/one", "secret7")


# What AWS refuses


def test_a_bucket_of_somebody_else_is_told(one: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

    monkeypatch.setattr(one.session, "find", forbidden)
    with pytest.raises(LakeshiftError, match="somebody else has it"):
        Records(one.session, "theirs").bucket_is_there()


# A stage on AWS: the same code, another session


@pytest.fixture
def away(one: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The stage dev, whose account is this emulator's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    text = (one.root / "environments/local.yaml").read_text()
    one.write("environments/dev.yaml", text.replace("Stage: local", "Stage: dev").replace("Lake: w", "Lake: d"))
    return Project(one.root, AwsSession("dev", endpoint=one.session.endpoint))


def test_a_stage_on_aws_needs_its_account_named_before_anything_is_written(away: Project) -> None:
    from lakeshift.deploy import plan

    desired = plan("dev", away.session, {}, away.root)
    with pytest.raises(LakeshiftError, match=r'Add the line `Account: "000000000000"`'):
        apply(desired, away.session)
    with pytest.raises(LakeshiftError, match="Add the line"):
        remove("dev", away.session, root=away.root)
    bucket = desired.project.code.bucket
    assert away.session.find("s3", "head_bucket", ("404",), Bucket=bucket) is None
    text = (away.root / "environments/dev.yaml").read_text()
    away.write("environments/dev.yaml", 'Account: "000000000000"\n' + text)
    apply(plan("dev", away.session, {}, away.root), away.session)
    assert not plan("dev", away.session, {}, away.root).changes
    away.write("environments/dev.yaml", 'Account: "111111111111"\n' + text)
    with pytest.raises(LakeshiftError, match="belongs to the account 111111111111"):
        plan("dev", away.session, {}, away.root)
