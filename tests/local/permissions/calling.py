"""Calls that MiniStack (AUTH=true) checks as AWS does, and its policy evaluator for all others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lakeshift.permissions.elements import Call, Element, policy
from tests.ministack import PYTHON

__all__ = ["ACCOUNT", "REGION", "Emulator", "checked_by"]

REGION = "us-east-1"
ACCOUNT = "000000000000"
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"}
_NAME = "subject"
_VARIABLE, _PRINCIPAL = "${aws:userid}", "AROAX:x"  # the evaluator knows no policy variables: the value is put in
_Caller = Callable[[Any, str, str | None], object]


def _object(arn: str) -> dict[str, str]:
    bucket, _, key = arn.removeprefix("arn:aws:s3:::").partition("/")
    return {"Bucket": bucket, "Key": key} if key else {"Bucket": bucket}


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _s3(operation: str, **more: Any) -> _Caller:
    return lambda client, arn, _: getattr(client, operation)(**_object(arn), **more)


def _list(client: Any, arn: str, prefix: str | None) -> object:
    given = {} if prefix is None else {"Prefix": prefix}
    return client.list_objects_v2(**_object(arn), **given)


def _job(operation: str, **more: Any) -> _Caller:
    return lambda client, arn, _: getattr(client, operation)(JobName=_last(arn), **more)


def _database(operation: str, **more: Any) -> _Caller:
    return lambda client, arn, _: getattr(client, operation)(DatabaseName=_last(arn), **more)


_TABLE = {"Name": "x"}
# MiniStack checks each of these against the resource that AWS names. For a table it looks at the database alone, so
# catalog and table are left to the evaluator; for what it does not know at all, everything is.
_CALLS: Mapping[str, tuple[str, str, _Caller]] = {
    "s3:GetObject": ("s3", "", _s3("get_object")),
    "s3:PutObject": ("s3", "", _s3("put_object", Body=b"")),
    "s3:DeleteObject": ("s3", "", _s3("delete_object")),
    "s3:AbortMultipartUpload": ("s3", "", _s3("abort_multipart_upload", UploadId="x")),
    "s3:ListMultipartUploadParts": ("s3", "", _s3("list_parts", UploadId="x")),
    "s3:GetObjectTagging": ("s3", "", _s3("get_object_tagging")),
    "s3:PutObjectTagging": ("s3", "", _s3("put_object_tagging", Tagging={"TagSet": []})),
    "s3:GetBucketLocation": ("s3", "", _s3("get_bucket_location")),
    "s3:ListBucketMultipartUploads": ("s3", "", _s3("list_multipart_uploads")),
    "s3:ListBucket": ("s3", "", _list),
    "glue:StartJobRun": ("glue", ":job/", _job("start_job_run")),
    "glue:GetJobRun": ("glue", ":job/", _job("get_job_run", RunId="x")),
    "glue:GetJobRuns": ("glue", ":job/", _job("get_job_runs")),
    "glue:BatchStopJobRun": ("glue", ":job/", _job("batch_stop_job_run", JobRunIds=["x"])),
    "glue:GetTable": ("glue", ":database/", _database("get_table", **_TABLE)),
    "glue:GetTables": ("glue", ":database/", _database("get_tables")),
    "glue:CreateTable": ("glue", ":database/", _database("create_table", TableInput=_TABLE)),
    "glue:UpdateTable": ("glue", ":database/", _database("update_table", TableInput=_TABLE)),
    "glue:GetPartitions": ("glue", ":database/", _database("get_partitions", TableName="x")),
    "glue:BatchCreatePartition": (
        "glue", ":database/", _database("batch_create_partition", TableName="x", PartitionInputList=[]),
    ),
    "sns:Publish": ("sns", "", lambda client, arn, _: client.publish(TopicArn=arn, Message="x")),
    "states:StartExecution": ("stepfunctions", "", lambda client, arn, _: client.start_execution(stateMachineArn=arn)),
    "secretsmanager:GetSecretValue": (
        "secretsmanager", "", lambda client, arn, _: client.get_secret_value(SecretId=arn),
    ),
    "ec2:DescribeNetworkInterfaces": ("ec2", "", lambda client, *_: client.describe_network_interfaces()),
    "ec2:DescribeRouteTables": ("ec2", "", lambda client, *_: client.describe_route_tables()),
    "ec2:DescribeSecurityGroups": ("ec2", "", lambda client, *_: client.describe_security_groups()),
    "ec2:DescribeSubnets": ("ec2", "", lambda client, *_: client.describe_subnets()),
    "ec2:DescribeVpcEndpoints": ("ec2", "", lambda client, *_: client.describe_vpc_endpoints()),
}  # fmt: skip


def checked_by(action: str, resource: str) -> str:
    """``call`` or ``evaluator``: how the emulator is asked about ``action`` on ``resource``."""
    found = _CALLS.get(action)
    return "call" if found is not None and found[1] in resource else "evaluator"


class Emulator:
    """One principal on a MiniStack with AUTH=true, whose policy is what the test says."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._root = self._session("test", "test")
        self._iam = self._root("iam")
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
            ],
        }
        arn = self._iam.create_role(RoleName=_NAME, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        given = self._root("sts").assume_role(RoleArn=arn, RoleSessionName="x")["Credentials"]
        self._subject = self._session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        self._clients: dict[str, Any] = {}
        self._evaluator = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("evaluator.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _session(self, key: str, secret: str, token: str | None = None) -> Callable[[str], Any]:
        session = boto3.Session(key, secret, token, region_name=REGION)
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)
        return lambda service: session.client(service, endpoint_url=self._endpoint, config=config)

    def client(self, service: str) -> Any:
        """A client with all rights, to make what the calls need."""
        return self._root(service)

    def allowed(self, held: Iterable[Element], calls: Iterable[Call], values: Mapping[str, str]) -> list[bool]:
        """Whether each of ``calls`` passes under the policy of ``held``."""
        held, calls = list(held), list(calls)
        by_call = [call for call in calls if checked_by(call.action, call.resource) == "call"]
        if by_call and held:
            text = json.dumps(policy(held, values))
            self._iam.put_role_policy(RoleName=_NAME, PolicyName="p", PolicyDocument=text)
        elif by_call:  # IAM takes no policy without a statement
            self._iam.delete_role_policy(RoleName=_NAME, PolicyName="p")
        return [
            self._called(call)
            if checked_by(call.action, call.resource) == "call"
            else self._evaluated(held, call, values)
            for call in calls
        ]

    def _called(self, call: Call) -> bool:
        service, _, caller = _CALLS[call.action]
        client = self._clients.get(service) or self._clients.setdefault(service, self._subject(service))
        try:
            caller(client, call.resource, call.prefix)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _DENIED:
                return False
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise
        return True

    def _evaluated(self, held: Iterable[Element], call: Call, values: Mapping[str, str]) -> bool:
        """What the emulator's evaluator says, given the condition keys that the call would carry."""
        document = policy((one for one in held if one.action == call.action), values)
        if not document["Statement"]:
            return False
        keys = dict(call.keys) | ({} if call.prefix is None else {"s3:prefix": call.prefix})
        asked = {"policy": document, "action": call.action, "resource": call.resource, "keys": keys}
        if self._evaluator.stdin is None or self._evaluator.stdout is None:
            raise ValueError("the evaluator has no pipes")
        self._evaluator.stdin.write(json.dumps(asked).replace(_VARIABLE, _PRINCIPAL) + "\n")
        self._evaluator.stdin.flush()
        return bool(json.loads(self._evaluator.stdout.readline()))

    def close(self) -> None:
        """End the evaluator."""
        self._evaluator.communicate()
