"""What a Glue job's role may do: its code, its log, its connections, and what its definition declares.

https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lakeshift.definitions.document import Item
from lakeshift.permissions import lake, warehouse
from lakeshift.permissions.declared import check_declared, declared_objects, declared_tables, loaded_cluster
from lakeshift.permissions.grants import Grant
from lakeshift.permissions.reading import Definition, mapping, text, texts, wrong

__all__ = ["job_grants"]

_ROLE: Final = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSGlueServiceRole.html"
_CODE: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html"
_LOGS: Final = "https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html"
_METRICS: Final = "https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html"
_BOOKMARKS: Final = "https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html"
_NETWORK: Final = "https://docs.aws.amazon.com/glue/latest/dg/setup-vpc-for-glue-access.html"
_SECRET: Final = "https://docs.aws.amazon.com/glue/latest/dg/connection-properties-secrets-manager.html"  # noqa: S105
_LOG_ACTIONS: Final = ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
_SHELL: Final = "pythonshell"


def job_grants(job: Definition, others: Mapping[str, Definition]) -> Iterator[Grant]:
    """All that the job's role needs; ``others`` are the definitions by logical id. Raises DefinitionError."""
    check_declared(job)
    command = job.own("Command", "Name")
    spark = command is None or text(command) != _SHELL
    arguments = mapping(job.own("DefaultArguments"))
    yield from _code(job, arguments)
    yield from lake.read_objects(declared_objects(job, "Reads"), probes=spark)
    yield from lake.write_objects(declared_objects(job, "Writes"), spark)
    yield from lake.read_tables(declared_tables(job, "Reads"))
    yield from lake.write_tables(declared_tables(job, "Writes"))
    cluster = loaded_cluster(job)
    if cluster is not None:
        yield from warehouse.statements_on(cluster, "${WarehouseUser}", "${WarehouseDatabase}")
    yield from _connections(job, others)
    root = "/aws-glue/jobs" if spark else "/aws-glue/python-jobs"
    yield from lake.log_groups((f"{root}/output", f"{root}/error"), _LOGS, _LOG_ACTIONS)
    if spark:
        yield from _spark(arguments)


def _code(job: Definition, arguments: Mapping[str, Item]) -> Iterator[Grant]:
    """The script, and the wheel of common/ where an argument names it; the deploy tool puts both below code/<sha>/."""
    location = job.own("Command", "ScriptLocation")
    path = text(location).removeprefix("${CodePrefix}/") if location is not None else ""
    yield Grant("ReadCode", "s3:GetObject", f"{lake.bucket('ops')}/code/*/{path}", _CODE)
    if any(text(item) == "${CommonWheel}" for item in arguments.values()):
        yield Grant("ReadCode", "s3:GetObject", f"{lake.bucket('ops')}/code/*/wheels/*", _CODE)
        yield Grant(
            "PublishStageMetrics", "cloudwatch:PutMetricData", "*", _METRICS,
            ("StringEquals", "cloudwatch:namespace", ("Lakeshift",)),
        )  # fmt: skip
        name = job.own("Name")
        if name is not None:
            yield Grant("ReadOwnRun", "glue:GetJobRun", lake.regional("glue", f"job/{text(name)}"), _METRICS)


def _spark(arguments: Mapping[str, Item]) -> Iterator[Grant]:
    """What a Spark job does of itself: temporary files, metrics, bookmarks."""
    place = arguments.get("--TempDir")
    if place is not None:
        zone, _, key = text(place).removeprefix("s3://${Lake}-").partition("/")
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            yield Grant("UseTemporaryFiles", action, f"{lake.bucket(zone)}/{key}*", _CODE)
        yield lake.list_prefix(f"{zone}/{key}", _CODE, probes=True)
    if "--enable-metrics" in arguments:
        yield Grant(
            "PublishMetrics", "cloudwatch:PutMetricData", "*", _METRICS,
            ("StringEquals", "cloudwatch:namespace", ("Glue",)),
        )  # fmt: skip
    option = arguments.get("--job-bookmark-option")
    if option is not None and text(option) == "job-bookmark-enable":
        yield Grant("ReadBookmark", "glue:GetJobBookmark", "*", _BOOKMARKS)


def _connections(job: Definition, others: Mapping[str, Definition]) -> Iterator[Grant]:
    """Each connection, its secret and its network."""
    for name in texts(job.own("Connections", "Connections")):
        connection = _connection(job, name, others)
        called = text(connection.own("ConnectionInput", "Name") or Item(name, 1))
        for resource in ("catalog", f"connection/{called}"):
            yield Grant("ReadConnection", "glue:GetConnection", lake.regional("glue", resource), _ROLE)
        secret = connection.own("ConnectionInput", "ConnectionProperties", "SECRET_ID")
        if secret is not None and text(secret):
            yield Grant("ReadSecret", "secretsmanager:GetSecretValue", text(secret), _SECRET)
        network = mapping(connection.own("ConnectionInput", "PhysicalConnectionRequirements"))
        if "SubnetId" in network:
            yield from _network(text(network["SubnetId"]), texts(network.get("SecurityGroupIdList")))


def _connection(job: Definition, name: str, others: Mapping[str, Definition]) -> Definition:
    for one in others.values():
        if one.type == "AWS::Glue::Connection" and name in (
            f"${{{one.logical_id}}}",
            text(one.own("ConnectionInput", "Name") or Item("", 1)),
        ):
            return one
    raise wrong(job, f"the connection {name} is defined nowhere.")


def _network(subnet: str, groups: list[str]) -> Iterator[Grant]:
    """A network interface in the connection's subnet, made, tagged and removed by Glue."""
    for action in ("NetworkInterfaces", "SecurityGroups", "Subnets", "RouteTables", "VpcEndpoints"):
        yield Grant("SeeNetwork", f"ec2:Describe{action}", "*", _NETWORK)
    yield Grant("SeeVpc", "ec2:DescribeVpcAttribute", lake.regional("ec2", "vpc/*"), _NETWORK)
    interface = lake.regional("ec2", "network-interface/*")
    places = (f"subnet/{subnet}", *(f"security-group/{group}" for group in groups))
    for resource in (interface, *(lake.regional("ec2", place) for place in places)):
        yield Grant("JoinNetwork", "ec2:CreateNetworkInterface", resource, _NETWORK)
    yield Grant("LeaveNetwork", "ec2:DeleteNetworkInterface", interface, _NETWORK)
    tags = ("ForAllValues:StringEquals", "aws:TagKeys", ("aws-glue-service-resource",))
    yield Grant("TagOwnInterfaces", "ec2:CreateTags", interface, _ROLE, tags)
