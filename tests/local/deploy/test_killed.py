"""Killed at a point of a deployment: the next plan shows what remains, the next deployment ends it, then 0 changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lakeshift.deploy import AwsSession, apply
from lakeshift.deploy.lock import break_lock, held
from lakeshift.deploy.records import Records
from lakeshift.deploy.report import plan_text
from lakeshift.errors import LakeshiftError
from tests.local.deploy.killed import DyingSession, Killed, Point
from tests.local.deploy.stage import PARAMETERS, QUEUE_POLICY, Project

STAGE = """\
Resources:
  Ops: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Lake}-ops", VersioningConfiguration: {Status: Enabled}}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "${Lake}-role"
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: glue.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Ops.Arn}/*"}]
  Job:
    Type: AWS::Glue::Job
    Properties:
      Name: !Sub "${Lake}-job"
      Role: !GetAtt Role.Arn
      Command: {Name: pythonshell, PythonVersion: "3.9", ScriptLocation: !Sub "${CodePrefix}/jobs/tiny.py"}
      MaxCapacity: 0.0625
      DefaultArguments: {"--queue": !Ref Queue}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub "${Lake}-queue", VisibilityTimeout: !Ref Days}}
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/${Lake}", RetentionInDays: !Ref Days}}
"""
STAGE += QUEUE_POLICY
OLD = """\
    Resources:
      Old: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Lake}-old"}}
      OldRole:
        Type: AWS::IAM::Role
        Properties:
          RoleName: !Sub "${Lake}-oldrole"
          AssumeRolePolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Principal: {Service: glue.amazonaws.com}, Action: "sts:AssumeRole"}]
          Policies:
            - PolicyName: read
              PolicyDocument:
                Version: "2012-10-17"
                Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Old.Arn}/*"}]
"""
CLUSTER = """\
  Cluster:
    Type: AWS::Redshift::Cluster
    Properties:
      ClusterIdentifier: !Ref WarehouseCluster
      ClusterType: single-node
      NodeType: ra3.large
      DBName: !Ref WarehouseDatabase
      MasterUsername: !Ref WarehouseUser
      MasterUserPassword: Passw0rd
"""
NEW = [
    Point("create_bucket"),
    Point("put_bucket_tagging"),
    Point("put_object", "lock.json"),
    Point("put_object", "current.json"),
    Point("put_object", "code/", 2),
    Point("create_role"),
    Point("put_role_policy"),
    Point("create_job"),
    Point("create_queue", after=True),
    Point("set_queue_attributes"),
    Point("create_log_group", after=True),
    Point("put_object", "history"),
    Point("put_object", "current.json", 2),
    Point("delete_object", "lock.json"),
]
CHANGED = [
    Point("set_queue_attributes", "VisibilityTimeout"),
    Point("put_retention_policy", after=True),
    Point("update_job"),
    Point("delete_role_policy"),
    Point("delete_role"),
    Point("put_object", "history"),
]
SQL = [
    Point("batch_execute_statement", "CREATE SCHEMA IF NOT EXISTS t", 1),
    Point("batch_execute_statement", "tiny.t", after=True),
    Point("describe_statement", nth=3, after=True),
]


def stage(root: Path, session: AwsSession, name: str, warehouse: bool = False) -> Project:
    one = Project(root, session)
    one.write("environments/local.yaml", PARAMETERS.replace("tiny", name))
    one.write("infra/a.yaml", STAGE + (CLUSTER if warehouse else ""))
    one.write("common/__init__.py", "")
    one.write("jobs/tiny.py", "print(1)")
    if warehouse:
        one.write("sql/redshift/schemas/t.sql", "CREATE SCHEMA IF NOT EXISTS tiny;")
        one.write(
            "sql/redshift/tables/t.sql", "CREATE TABLE IF NOT EXISTS tiny.t (a INT); INSERT INTO tiny.t VALUES (1);"
        )
        one.write("sql/redshift/views/t.sql", "CREATE OR REPLACE VIEW tiny.v AS SELECT a FROM tiny.t;")
    return one


def kill(one: Project, point: Point, **overrides: str) -> None:
    """Apply until ``point``, which has to be reached."""
    session = DyingSession(one.session, point)
    desired = one.plan(**overrides)
    with pytest.raises(Killed):
        apply(desired, session)
    assert session.dead
    lock = held(one.session, desired.project.code.bucket)
    if lock is not None:
        with pytest.raises(LakeshiftError, match=f"LOCK={lock['id']}"):
            apply(desired, one.session)
        break_lock(one.session, desired.project.code.bucket, str(lock["id"]))


def end(one: Project, **overrides: str) -> None:
    """The remainder is a plan of its own, with no change by hand in it; after it there is nothing to do."""
    rest = one.plan(**overrides)
    assert not rest.by_hand, plan_text(rest)
    apply(rest, one.session)
    after = one.plan(**overrides)
    assert not after.changes, plan_text(after)
    assert not after.cut_off
    record = Records(one.session, after.project.code.bucket).current()
    assert record is not None
    assert (record.status, set(record.entries)) == ("applied", {step.resource.logical_id for step in after.steps})


def named(point: Point) -> str:
    return str(point)


@pytest.mark.parametrize("point", NEW, ids=named)
def test_a_new_stage(tmp_path: Path, session: AwsSession, point: Point) -> None:
    one = stage(tmp_path, session, f"n{NEW.index(point)}kill")
    all_of_it = {step.resource.logical_id for step in one.plan().steps}
    kill(one, point)
    rest = one.plan()
    left = {step.resource.logical_id for step in rest.steps if step.action == "create"}
    assert left <= all_of_it
    assert (left == all_of_it) == (point == NEW[0])
    end(one)


@pytest.mark.parametrize("point", CHANGED, ids=named)
def test_a_changed_stage(tmp_path: Path, ministack_session: AwsSession, point: Point) -> None:
    session = ministack_session
    one = stage(tmp_path, session, f"c{CHANGED.index(point)}kill")
    one.write("infra/b.yaml", OLD)
    apply(one.plan(), session)
    one.write("infra/b.yaml", "Resources: {}\n")
    one.write("jobs/tiny.py", "print(2)")
    kill(one, point, Days="14")
    end(one, Days="14")
    gone = session.find("iam", "get_role", ("NoSuchEntity",), RoleName=f"c{CHANGED.index(point)}kill-oldrole")
    assert gone is None
    old = f"c{CHANGED.index(point)}kill-old"
    assert session.find("s3", "head_bucket", ("404",), Bucket=old) is not None, "what holds data stays"


@pytest.mark.parametrize("point", SQL, ids=named)
def test_sql_runs_once(tmp_path: Path, session: AwsSession, point: Point) -> None:
    name = f"s{SQL.index(point)}kill"
    one = stage(tmp_path, session, name, warehouse=True)
    kill(one, point)
    end(one)
    sent = session.call(
        "redshift-data", "execute_statement", ClusterIdentifier=name, Database="lake", DbUser="x",
        Sql="SELECT count(*) FROM tiny.t UNION ALL SELECT count(*) FROM lakeshift.schema_migrations ORDER BY 1",
    )  # fmt: skip
    while session.call("redshift-data", "describe_statement", Id=sent["Id"])["Status"] not in ("FINISHED", "FAILED"):
        pass
    rows = session.call("redshift-data", "get_statement_result", Id=sent["Id"])["Records"]
    assert [row[0]["longValue"] for row in rows] == [1, 3]


_CHILD = """\
import sys
from pathlib import Path
from lakeshift.deploy import AwsSession, apply, plan
session = AwsSession("local", endpoint=sys.argv[1])
def told(line):
    print(line, flush=True)
    if line == "create Job":
        sys.stdin.read()
apply(plan("local", session, {}, Path(sys.argv[2])), session, told)
"""


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path, session: AwsSession) -> None:
    one = stage(tmp_path, session, "pkill")
    command = [sys.executable, "-c", _CHILD, session.endpoint or "", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert any(line.strip() == "create Job" for line in child.stdout)
        with pytest.raises(LakeshiftError, match=f"process {child.pid}"):
            apply(one.plan(), session)
        os.kill(child.pid, signal.SIGKILL)
    lines: list[str] = []
    apply(one.plan(), session, lines.append)
    assert lines[0].endswith("which is gone) is taken over")
    assert not one.plan().changes
