"""Plan and apply of small stages on the local AWS."""

from __future__ import annotations

import hashlib
import textwrap
from pathlib import Path

import pytest

from lakeshift.definitions import DefinitionError
from lakeshift.deploy import AwsSession, Plan, Removed, apply, plan, remove
from lakeshift.deploy.report import plan_text
from lakeshift.deploy.warehouse import Warehouse
from lakeshift.errors import LakeshiftError
from tests.local.deploy.stage import PARAMETERS, Project


@pytest.fixture
def project(tmp_path: Path, session: AwsSession) -> Project:
    """With no more than a bucket for its code."""
    one = Project(tmp_path, session)
    name = f"t{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:10]}"
    one.write("environments/local.yaml", PARAMETERS.replace("tiny", name))
    one.write("infra/a.yaml", "Resources:\n" + textwrap.indent(OPS, "  "))
    one.write("common/__init__.py", "")
    one.write("jobs/tiny.py", "print(1)")
    return one


OPS = "Ops: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${Lake}-ops'}}\n"


def names(desired: Plan, action: str) -> set[str]:
    return {step.resource.logical_id for step in desired.steps if step.action == action}


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


def test_what_was_changed_by_hand_is_told_and_put_back_only_when_it_is_said(project: Project) -> None:
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: 30"))
    apply(project.plan(), project.session)
    name = f"/{project.plan().project.name}"
    project.session.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=1)
    drifted = project.plan()
    assert "    RetentionInDays: 1 -> 30  (changed by hand; deployed was 30)" in plan_text(drifted)
    with pytest.raises(LakeshiftError, match=r"changed by hand .* Group: RetentionInDays"):
        apply(drifted, project.session)
    assert plan_text(project.plan()) == plan_text(drifted), "nothing was done"
    result = apply(drifted, project.session, accept_drift=True)
    assert (result.created, result.updated) == ((), ("Group",))
    assert not project.plan().changes


def test_what_was_changed_by_hand_to_what_is_wanted_now_is_no_drift(project: Project) -> None:
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: 30"))
    apply(project.plan(), project.session)
    name = f"/{project.plan().project.name}"
    project.session.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=7)
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: 7"))
    assert not project.plan().by_hand
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: 14"))
    assert [step.resource.logical_id for step in project.plan().by_hand] == ["Group"]


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


CLUSTER = """\
    Resources:
      Cluster:
        Type: AWS::Redshift::Cluster
        Properties:
          ClusterIdentifier: !Ref WarehouseCluster
          ClusterType: single-node
          NodeType: ra3.large
          DBName: lake
          MasterUsername: !Ref WarehouseUser
          MasterUserPassword: Passw0rd
"""


@pytest.fixture
def warehouse(project: Project) -> Project:
    """With a cluster and a file of SQL of every kind, applied."""
    project.write("infra/c.yaml", CLUSTER)
    project.write("sql/redshift/schemas/tiny.sql", "CREATE SCHEMA IF NOT EXISTS tiny;")
    project.write("sql/redshift/tables/tiny.t.sql", "CREATE TABLE IF NOT EXISTS tiny.t (a INT);")
    project.write("sql/redshift/views/tiny.v.sql", "CREATE OR REPLACE VIEW tiny.v AS SELECT a FROM tiny.t;")
    apply(project.plan(), project.session)
    return project


def test_what_cannot_be_changed_in_place_is_refused_before_anything_is_done(warehouse: Project) -> None:
    warehouse.write("infra/c.yaml", CLUSTER.replace("DBName: lake", "DBName: another"))
    with pytest.raises(DefinitionError, match="DBName of AWS::Redshift::Cluster cannot be changed in place"):
        warehouse.plan()


def test_a_changed_table_is_refused_and_a_changed_view_runs_again(warehouse: Project) -> None:
    table, view = "sql/redshift/tables/tiny.t.sql", "sql/redshift/views/tiny.v.sql"
    warehouse.write(table, "-- a comment\nCREATE TABLE IF NOT EXISTS tiny.t (a INT);")
    warehouse.write(view, "CREATE OR REPLACE VIEW tiny.v AS SELECT a + 1 AS a FROM tiny.t;")
    assert [file.path for file in warehouse.plan().migrations] == [view]
    warehouse.write(table, "CREATE TABLE IF NOT EXISTS tiny.t (a INT, b INT);")
    with pytest.raises(LakeshiftError, match=r"tables/tiny\.t\.sql: the table is already made"):
        warehouse.plan()


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


def test_a_stage_is_removed_but_for_what_is_retained(project: Project) -> None:
    project.write("infra/a.yaml", RETAINED)
    project.write("infra/b.yaml", GROUP.format("RetentionInDays: 30"))
    apply(project.plan(), project.session)
    removed = remove("local", project.session, root=project.root)
    assert removed == Removed(("Group",), ("Ops",))
    assert names(project.plan(), "none") == {"Ops"}
    apply(project.plan(), project.session)
    assert names(project.plan(), "none") == {"Ops", "Group"}, "a stage that was removed can be made again"


RETAINED = """\
    Resources:
      Ops: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: !Sub "${Lake}-ops"}}
"""


def test_data_goes_only_where_it_is_named(project: Project) -> None:
    apply(project.plan(), project.session)
    assert remove("local", project.session, root=project.root) == Removed((), ("Ops",))
    assert remove("local", project.session, root=project.root, data=["Ops"]) == Removed(("Ops",), ())
    assert names(project.plan(), "create") == {"Ops"}
