"""What Glue checks of a crawler's targets, and which of them are refused locally by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.glue.exceptions import InvalidInputException

from lakeshift.crawler.globs import exclusion
from lakeshift.crawler.jdbc import JdbcTarget, chosen_tables

__all__ = ["check_targets", "refused"]

_S3: Final = re.compile(r"s3://[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9](/.*)?", re.DOTALL)
_QUEUE: Final = re.compile(r"arn:aws[\w-]*:sqs:[a-z0-9-]+:\d{12}:[\w.-]+")
_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/webapi/API_CreateCrawler.html"
_DEEPEST: Final = 20  # folders an Iceberg target is searched
_METADATA: Final = {"COMMENTS", "RAWTYPES"}

Checks = Callable[[Mapping[str, Any]], None]


def check_targets(targets: Mapping[str, Any]) -> None:
    """Raise InvalidInputException for a target that Glue refuses, or that is not supported locally."""
    present = [kind for kind, given in targets.items() if given]
    if not present:
        raise InvalidInputException("CreateCrawler", "At least one crawler target must be specified.")
    if "CatalogTargets" in present and len(present) > 1:
        raise InvalidInputException("CreateCrawler", "Catalog targets cannot be combined with other targets.")
    for kind in present:
        if kind not in _CHECKS:
            raise refused(f"{kind} are", "Use S3, JDBC, DynamoDB, Delta, Iceberg or Catalog targets.")
        for target in targets[kind]:
            _CHECKS[kind](target)


def refused(what: str, instead: str) -> InvalidInputException:
    """An error that names what is not supported, and what to do instead."""
    return InvalidInputException("CreateCrawler", f"{what} not supported locally. {instead} See {_PAGE}")


def _s3(target: Mapping[str, Any]) -> None:
    _path(target.get("Path") or "")
    _no_connection("S3Target", target)
    _queues(target)
    size = target.get("SampleSize")
    if size is not None and not 1 <= size <= 249:
        raise InvalidInputException("CreateCrawler", f"SampleSize must be from 1 to 249, not {size}.")
    _exclusions(target)


def _jdbc(target: Mapping[str, Any]) -> None:
    if not target.get("ConnectionName"):
        raise InvalidInputException("CreateCrawler", "A JDBC target needs a ConnectionName.")
    unknown = set(target.get("EnableAdditionalMetadata") or ()) - _METADATA
    if unknown:
        raise InvalidInputException("CreateCrawler", f"EnableAdditionalMetadata has no {', '.join(sorted(unknown))}.")
    _exclusions(target)
    try:
        chosen_tables(JdbcTarget(target["ConnectionName"], target.get("Path") or ""), ())
    except ValueError as error:
        raise InvalidInputException("CreateCrawler", str(error)) from None


def _dynamodb(target: Mapping[str, Any]) -> None:
    if not target.get("Path"):
        raise InvalidInputException("CreateCrawler", "A DynamoDB target needs the name of a table as its Path.")
    rate = target.get("scanRate")
    if rate is not None and not 0.1 <= rate <= 1.5:
        raise InvalidInputException("CreateCrawler", f"scanRate must be from 0.1 to 1.5, not {rate}.")


def _catalog(target: Mapping[str, Any]) -> None:
    if not target.get("DatabaseName") or not target.get("Tables"):
        raise InvalidInputException("CreateCrawler", "A Catalog target needs a DatabaseName and Tables.")
    _no_connection("CatalogTarget", target)
    _queues(target)


def _delta(target: Mapping[str, Any]) -> None:
    _no_connection("DeltaTarget", target)
    _paths(target, "DeltaTables")
    if target.get("WriteManifest") and target.get("CreateNativeDeltaTable"):
        text = "WriteManifest and CreateNativeDeltaTable cannot both be set: a native table has no manifest."
        raise InvalidInputException("CreateCrawler", text)


def _iceberg(target: Mapping[str, Any]) -> None:
    _no_connection("IcebergTarget", target)
    _paths(target, "Paths")
    _exclusions(target)
    depth = target.get("MaximumTraversalDepth")
    if depth is not None and not 1 <= depth <= _DEEPEST:
        raise InvalidInputException(
            "CreateCrawler", f"MaximumTraversalDepth must be from 1 to {_DEEPEST}, not {depth}."
        )


def _paths(target: Mapping[str, Any], member: str) -> None:
    if not target.get(member):
        raise InvalidInputException("CreateCrawler", f"The target names no {member}.")
    for path in target[member]:
        _path(path)


def _path(path: str) -> None:
    if not _S3.fullmatch(path):
        raise InvalidInputException("CreateCrawler", f"Invalid S3 path: {path}")


def _no_connection(kind: str, target: Mapping[str, Any]) -> None:
    """A network connection leads to a network that is not here."""
    if target.get("ConnectionName"):
        raise refused(f"{kind}.ConnectionName is", "Leave it out.")


def _queues(target: Mapping[str, Any]) -> None:
    for key in ("EventQueueArn", "DlqEventQueueArn"):
        if target.get(key) and not _QUEUE.fullmatch(target[key]):
            raise InvalidInputException("CreateCrawler", f"Invalid SQS ARN in {key}: {target[key]}")


def _exclusions(target: Mapping[str, Any]) -> None:
    for pattern in target.get("Exclusions") or ():
        try:
            exclusion(pattern)
        except ValueError as error:
            raise InvalidInputException("CreateCrawler", str(error)) from None


_CHECKS: Final[dict[str, Checks]] = {
    "S3Targets": _s3,
    "JdbcTargets": _jdbc,
    "DynamoDBTargets": _dynamodb,
    "CatalogTargets": _catalog,
    "DeltaTargets": _delta,
    "IcebergTargets": _iceberg,
}
