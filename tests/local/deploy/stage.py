"""A small repository of definitions and the emulator it is deployed to."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lakeshift.deploy import AwsSession, Plan, plan

EVERY_TYPE = (Path(__file__).parent / "every_type.yaml").read_text()
PARAMETERS = """\
Parameters:
  {Stage: local, Lake: tiny, Region: us-east-1, WarehouseCluster: tiny, WarehouseDatabase: lake, WarehouseUser: x,
   Word: one, Second: one, Days: 7, Hours: 48, Capacity: 8, Truth: "true"}
"""
QUEUE_POLICY = """\
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Queue.Arn
"""
OTHER = {"Word": "other", "Second": "other", "Days": "14", "Hours": "72", "Capacity": "16", "Truth": "false"}


@dataclass(frozen=True)
class Project:
    """A small repository and the AWS it is deployed to."""

    root: Path
    session: AwsSession

    def plan(self, **overrides: str) -> Plan:
        return plan("local", self.session, overrides, self.root)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(textwrap.dedent(text))


class _Loader(yaml.SafeLoader):
    """YAML whose functions stay as they are written."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    plain: Any
    if isinstance(node, yaml.ScalarNode):
        plain = loader.construct_scalar(node)
    else:
        plain = loader.construct_sequence(node, deep=True)  # type: ignore[arg-type]
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": plain}


_Loader.add_multi_constructor("!", _function)


def types_in(text: str) -> dict[str, str]:
    """The types of a file of definitions, by logical id."""
    return {name: one["Type"] for name, one in yaml.load(text, _Loader)["Resources"].items()}  # noqa: S506 - safe


def without(text: str, types: set[str]) -> str:
    """A file of definitions without the resources of ``types`` and without those that refer to them."""
    resources: dict[str, Any] = yaml.load(text, _Loader)["Resources"]  # noqa: S506 - safe
    gone = {name for name, one in resources.items() if one["Type"] in types}
    while more := {name for name, one in resources.items() if name not in gone and _named(one) & gone}:
        gone |= more
    return yaml.safe_dump({"Resources": {name: one for name, one in resources.items() if name not in gone}})


def _named(value: Any) -> set[str]:
    """Every resource that ``value`` refers to."""
    if isinstance(value, list):
        return set().union(*map(_named, value)) if value else set()
    if not isinstance(value, Mapping):
        return set()
    found = set().union(*map(_named, value.values())) if value else set()
    if "Ref" in value:
        found.add(value["Ref"])
    if "Fn::GetAtt" in value:
        found.add(str(value["Fn::GetAtt"]).partition(".")[0])
    if "Fn::Sub" in value:
        found |= {piece.partition("}")[0].partition(".")[0] for piece in str(value["Fn::Sub"]).split("${")[1:]}
    depends = value.get("DependsOn", [])
    return found | set([depends] if isinstance(depends, str) else depends)


def of_every_type(
    root: Path, session: AwsSession, name: str = "tiny", skipped: frozenset[str] = frozenset()
) -> Project:
    """A repository with one resource of every type that is not ``skipped``, and one file of SQL of every kind."""
    one = Project(root, session)
    one.write("environments/local.yaml", PARAMETERS.replace("tiny", name))
    text = EVERY_TYPE.replace("tiny", name).replace(f"/{name}.asl", "/tiny.asl").replace(f"/{name}.py", "/tiny.py")
    one.write("infra/all.yaml", without(text, set(skipped)) if skipped else text)
    one.write("common/__init__.py", "")
    one.write("jobs/tiny.py", "print(1)")
    states = '{"A": {"Type": "Pass", "Comment": "${Word}", "End": true}}'
    one.write("pipelines/tiny.asl.json", '{"Comment": "${QueueUrl}", "StartAt": "A", "States": ' + states + "}")
    if "AWS::Redshift::Cluster" not in skipped:
        one.write("sql/redshift/schemas/tiny.sql", "CREATE SCHEMA IF NOT EXISTS tiny;")
        one.write("sql/redshift/tables/tiny.t.sql", "CREATE TABLE IF NOT EXISTS tiny.t (a INT);")
        one.write("sql/redshift/views/tiny.v.sql", "CREATE OR REPLACE VIEW tiny.v AS SELECT a FROM tiny.t;")
    return one
