"""What the roles of the services around the jobs may do, from the definitions that name these roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lakeshift.definitions.document import Item
from lakeshift.permissions import lake
from lakeshift.permissions.grants import Grant
from lakeshift.permissions.reading import Definition, mapping, text, wrong

__all__ = ["crawler_grants", "location_grants", "stream_grants", "target_grants"]

_CRAWLER: Final = "https://docs.aws.amazon.com/glue/latest/dg/crawler-prereqs.html"
_FIREHOSE: Final = "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3"
_DATASYNC: Final = "https://docs.aws.amazon.com/datasync/latest/userguide/create-s3-location.html"
_RULES: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html"
_LOG: Final = "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-cw-logs"
_CRAWLER_LOG: Final = "/aws-glue/crawlers"
_SEES: Final = ("glue:GetTable", "glue:GetTables", "glue:GetPartitions", "glue:BatchGetPartition")
_KEEPS: Final = ("glue:CreateTable", "glue:UpdateTable", "glue:BatchCreatePartition", "glue:UpdatePartition")
_DROPS: Final = ("glue:DeleteTable", "glue:DeletePartition")


def crawler_grants(crawler: Definition, others: Mapping[str, Definition]) -> Iterator[Grant]:
    """Reading the include paths, keeping the tables of its database, its log."""
    targets = mapping(crawler.own("Targets")).get("S3Targets")
    paths = [
        text(mapping(one)["Path"]) for one in (targets.value if targets and isinstance(targets.value, list) else [])
    ]
    for grant in lake.read_objects([_entry(crawler, path) for path in paths], probes=False):
        yield Grant(grant.sid, grant.action, grant.resource, _CRAWLER, grant.condition)
    database = _database(crawler, others)
    for resource in ("catalog", f"database/{database}"):
        yield Grant("ReadDatabase", "glue:GetDatabase", lake.regional("glue", resource), _CRAWLER)
    yield from lake.read_tables([f"{database}.*"], _SEES, _CRAWLER)
    yield from lake.write_tables([f"{database}.*"], _KEEPS, _CRAWLER)
    policy = crawler.own("SchemaChangePolicy", "DeleteBehavior")
    if policy is not None and text(policy) == "DELETE_FROM_DATABASE":
        yield from lake.write_tables([f"{database}.*"], _DROPS, _CRAWLER)
    yield from lake.log_groups((_CRAWLER_LOG,), _CRAWLER, ("CreateLogGroup", "CreateLogStream", "PutLogEvents"))


def _entry(one: Definition, url: str) -> str:
    """``s3://${Lake}-raw/flights/`` as ``raw/flights/``."""
    found = re.fullmatch(r"s3://\$\{Lake\}-([a-z]+)/(.*)", url)
    if found is None:
        raise wrong(one, f"{url!r} is in no zone of the lake; write s3://${{Lake}}-<zone>/<key>.")
    return f"{found[1]}/{found[2]}"


def _database(crawler: Definition, others: Mapping[str, Definition]) -> str:
    item = crawler.own("DatabaseName")
    name = "" if item is None else text(item)
    named = others.get(name.removeprefix("${").removesuffix("}"))
    return name if named is None else text(named.own("DatabaseInput", "Name") or Item("", 1))


def stream_grants(stream: Definition) -> Iterator[Grant]:
    """A delivery stream's objects, good and failed ones, below their fixed part; listing where AWS asks for it."""
    place = ("ExtendedS3DestinationConfiguration",)
    zone = _zone(stream, stream.own(*place, "BucketARN"))
    arn = lake.bucket(zone)
    for name in ("Prefix", "ErrorOutputPrefix"):
        item = stream.own(*place, name)
        if item is None:
            raise wrong(stream, f"needs {name}, so that its role reaches no other object.")
        fixed = text(item).partition("!{")[0]
        for action in ("s3:PutObject", "s3:AbortMultipartUpload"):
            yield Grant("DeliverObjects", action, f"{arn}/{fixed}*", _FIREHOSE)
    for action in ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"):
        yield Grant("SeeBucket", action, arn, _FIREHOSE)
    logging = mapping(stream.own(*place, "CloudWatchLoggingOptions"))
    if "LogGroupName" in logging:
        yield from lake.log_groups([text(logging["LogGroupName"])], _LOG, ("PutLogEvents",))


def _zone(one: Definition, item: Item | None) -> str:
    """``!GetAtt RawBucket.Arn`` as ``raw``."""
    found = re.fullmatch(r"\$\{(\w+)Bucket\.Arn\}", "" if item is None else text(item))
    if found is None:
        raise wrong(one, "its bucket has to be one of the lake's zones, !GetAtt <Zone>Bucket.Arn.")
    return found[1].lower()


def location_grants(location: Definition) -> Iterator[Grant]:
    """A DataSync location in S3: comparing, writing, replacing below its folder."""
    zone = _zone(location, location.own("S3BucketArn"))
    folder = text(location.own("Subdirectory") or Item("/", 1)).lstrip("/")
    for action in ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"):
        yield Grant("SeeBucket", action, lake.bucket(zone), _DATASYNC)
    for action in (
        "GetObject", "GetObjectTagging", "PutObject", "PutObjectTagging", "DeleteObject", "AbortMultipartUpload",
        "ListMultipartUploadParts",
    ):  # fmt: skip
        yield Grant("WriteObjects", f"s3:{action}", f"{lake.bucket(zone)}/{folder}*", _DATASYNC)


def target_grants(one: Definition, target: Mapping[str, Item]) -> Iterator[Grant]:
    """Starting one target of a rule or of a schedule, and its dead-letter queue."""
    arn = text(target["Arn"])
    yield Grant("StartTarget", *_start(one, arn, target), _RULES)
    queue = mapping(target.get("DeadLetterConfig")).get("Arn")
    if queue is not None:
        yield Grant("KeepDeadLetters", "sqs:SendMessage", text(queue), _RULES)


_UNIVERSAL: Final = "arn:aws:scheduler:::aws-sdk:"
_STARTS: Final[tuple[tuple[str, str], ...]] = (
    (r".*:workflow/.*", "glue:NotifyEvent"),
    (r".*:states:.*:stateMachine:.*|\$\{\w*StateMachine(\.Arn)?\}|\$\{\w*Pipeline(\.Arn)?\}", "states:StartExecution"),
    (r".*:sns:.*|\$\{\w*Topic(\.TopicArn)?\}", "sns:Publish"),
    (r".*:sqs:.*|\$\{\w*(Queue|Inbox)\.Arn\}", "sqs:SendMessage"),
    (r".*:firehose:.*|\$\{\w*Stream\.Arn\}", "firehose:PutRecord"),
)


def _start(one: Definition, arn: str, target: Mapping[str, Item]) -> tuple[str, str]:
    """Action and resource of a target's start."""
    if arn.startswith(_UNIVERSAL):
        return _universal(one, arn.removeprefix(_UNIVERSAL), text(target.get("Input", Item("", 1))))
    for pattern, action in _STARTS:
        if re.fullmatch(pattern, arn):
            return action, arn
    raise wrong(
        one, f"which permission its target {arn} needs is not known; add it to lakeshift/permissions/services.py."
    )


def _universal(one: Definition, operation: str, given: str) -> tuple[str, str]:
    """A schedule that calls an API: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html."""
    known = {
        "glue:startJobRun": ("glue:StartJobRun", "JobName", "job"),
        "glue:startCrawler": ("glue:StartCrawler", "Name", "crawler"),
        "glue:startWorkflowRun": ("glue:StartWorkflowRun", "Name", "workflow"),
    }
    if operation not in known:
        raise wrong(one, f"which permission aws-sdk:{operation} needs is not known; known are {', '.join(known)}.")
    action, key, kind = known[operation]
    found = re.search(rf'"{key}"\s*:\s*"([^"]+)"', given)
    if found is None:
        raise wrong(one, f"its Input has to name the {kind}, as {key}.")
    return action, lake.regional("glue", f"{kind}/{found[1]}")
