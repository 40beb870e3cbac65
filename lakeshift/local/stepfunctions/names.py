"""How Step Functions names a service: in a resource, in an error, and in boto3.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from typing import Final

__all__ = ["OPTIMIZED", "boto_service", "error_prefix", "is_known"]

# boto3's name -> the name in error names; lower-cased it is the name in `arn:aws:states:::aws-sdk:<name>:<action>`.
_SERVICES: Final[dict[str, str]] = {
    "athena": "Athena",
    "cloudwatch": "CloudWatch",
    "datasync": "DataSync",
    "dynamodb": "DynamoDb",
    "events": "EventBridge",
    "firehose": "Firehose",
    "glue": "Glue",
    "iam": "Iam",
    "kinesis": "Kinesis",
    "kms": "Kms",
    "lakeformation": "LakeFormation",
    "logs": "CloudWatchLogs",
    "redshift": "Redshift",
    "redshift-data": "RedshiftData",
    "redshift-serverless": "RedshiftServerless",
    "s3": "S3",
    "scheduler": "Scheduler",
    "secretsmanager": "SecretsManager",
    "sns": "Sns",
    "sqs": "Sqs",
    "ssm": "Ssm",
    "stepfunctions": "Sfn",
    "sts": "Sts",
}
_BOTO: Final = {prefix.lower(): boto for boto, prefix in _SERVICES.items()}

# The optimized integrations that act locally, with their patterns besides request-response.
# https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
OPTIMIZED: Final[dict[str, frozenset[str]]] = {
    "athena:getQueryExecution": frozenset(),
    "athena:getQueryResults": frozenset(),
    "athena:startQueryExecution": frozenset({"sync"}),
    "athena:stopQueryExecution": frozenset(),
    "dynamodb:deleteItem": frozenset(),
    "dynamodb:getItem": frozenset(),
    "dynamodb:putItem": frozenset(),
    "dynamodb:updateItem": frozenset(),
    "events:putEvents": frozenset({"waitForTaskToken"}),
    "glue:startJobRun": frozenset({"sync"}),
    "sns:publish": frozenset({"waitForTaskToken"}),
    "sqs:sendMessage": frozenset({"waitForTaskToken"}),
    "states:startExecution": frozenset({"sync", "sync:2", "waitForTaskToken"}),
}


def is_known(name: str) -> bool:
    """Whether the local AWS can call the service that a resource names ``name``."""
    return name.lower() in _BOTO


def boto_service(name: str) -> str:
    """boto3's name of the service: ``redshiftdata`` is ``redshift-data``, ``states`` is ``stepfunctions``."""
    return {"states": "stepfunctions"}.get(name) or _BOTO.get(name.lower(), name)


def error_prefix(name: str) -> str:
    """The service's part of an error name: ``redshiftdata`` fails with ``RedshiftData.ValidationException``."""
    boto = boto_service(name)
    return _SERVICES.get(boto, name)
