"""The actions that policies here may name, and which kinds of resource AWS checks for each.

The Service Authorization Reference has a page a service; a test compares this table with its published data.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ACTIONS", "page", "takes_resource"]

_REFERENCE: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_PAGES: Final[Mapping[str, str]] = {
    "cloudwatch": "list_amazoncloudwatch.html",
    "datasync": "list_awsdatasync.html",
    "ec2": "list_amazonec2.html",
    "events": "list_amazoneventbridge.html",
    "firehose": "list_amazondatafirehose.html",
    "glue": "list_awsglue.html",
    "iam": "list_awsidentityandaccessmanagementiam.html",
    "kms": "list_awskeymanagementservice.html",
    "lambda": "list_awslambda.html",
    "logs": "list_amazoncloudwatchlogs.html",
    "redshift": "list_amazonredshift.html",
    "redshift-data": "list_amazonredshiftdataapi.html",
    "redshift-serverless": "list_amazonredshiftserverless.html",
    "s3": "list_amazons3.html",
    "scheduler": "list_amazoneventbridgescheduler.html",
    "secretsmanager": "list_awssecretsmanager.html",
    "sns": "list_amazonsns.html",
    "sqs": "list_amazonsqs.html",
    "states": "list_awsstepfunctions.html",
    "sts": "list_awssecuritytokenservice.html",
    "xray": "list_awsx-ray.html",
}
_TABLE: Final = ("catalog", "database", "table")

# Every kind named here is checked: a call on a table is refused unless catalog, database and table are all allowed.
# () takes no resource: there, and only there, a policy says "*".
ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "cloudwatch:PutMetricData": (),
    "datasync:CancelTaskExecution": ("execution",),
    "datasync:DescribeTask": ("task",),
    "datasync:DescribeTaskExecution": ("execution",),
    "datasync:StartTaskExecution": ("task",),
    "ec2:CreateNetworkInterface": ("network-interface", "subnet", "security-group"),
    "ec2:CreateTags": ("network-interface",),
    "ec2:DeleteNetworkInterface": ("network-interface",),
    "ec2:DescribeNetworkInterfaces": (),
    "ec2:DescribeRouteTables": (),
    "ec2:DescribeSecurityGroups": (),
    "ec2:DescribeSubnets": (),
    "ec2:DescribeVpcAttribute": ("vpc",),
    "ec2:DescribeVpcEndpoints": (),
    "events:DescribeRule": ("rule",),
    "events:PutEvents": ("event-bus",),
    "events:PutRule": ("rule",),
    "events:PutTargets": ("rule",),
    "firehose:PutRecord": ("deliverystream",),
    "firehose:PutRecordBatch": ("deliverystream",),
    "glue:BatchCreatePartition": _TABLE,
    "glue:BatchGetPartition": _TABLE,
    "glue:BatchStopJobRun": ("job",),
    "glue:CreateTable": _TABLE,
    "glue:DeletePartition": _TABLE,
    "glue:DeleteTable": _TABLE,
    "glue:GetConnection": ("catalog", "connection"),
    "glue:GetCrawler": ("crawler",),
    "glue:GetDatabase": ("catalog", "database"),
    "glue:GetDatabases": ("catalog", "database"),
    "glue:GetJobBookmark": (),
    "glue:GetJobRun": ("job",),
    "glue:GetJobRuns": ("job",),
    "glue:GetPartition": _TABLE,
    "glue:GetPartitions": _TABLE,
    "glue:GetTable": _TABLE,
    "glue:GetTableVersions": _TABLE,
    "glue:GetTables": _TABLE,
    "glue:NotifyEvent": ("workflow",),
    "glue:StartCrawler": ("crawler",),
    "glue:StartJobRun": ("job",),
    "glue:StartWorkflowRun": ("workflow",),
    "glue:StopCrawler": ("crawler",),
    "glue:UpdatePartition": _TABLE,
    "glue:UpdateTable": _TABLE,
    "lambda:InvokeFunction": ("function",),
    "logs:CreateLogDelivery": (),
    "logs:CreateLogGroup": ("log-group",),
    "logs:CreateLogStream": ("log-group",),
    "logs:DeleteLogDelivery": (),
    "logs:DescribeLogGroups": (),
    "logs:DescribeResourcePolicies": (),
    "logs:GetLogDelivery": (),
    "logs:ListLogDeliveries": (),
    "logs:PutLogEvents": ("log-group",),
    "logs:PutResourcePolicy": (),
    "logs:UpdateLogDelivery": (),
    "redshift-data:BatchExecuteStatement": ("cluster",),
    "redshift-data:CancelStatement": (),
    "redshift-data:DescribeStatement": (),
    "redshift-data:ExecuteStatement": ("cluster",),
    "redshift-data:GetStatementResult": (),
    "redshift:GetClusterCredentials": ("dbuser", "dbname"),
    "redshift:PauseCluster": ("cluster",),
    "redshift:ResumeCluster": ("cluster",),
    "s3:AbortMultipartUpload": ("object",),
    "s3:DeleteObject": ("object",),
    "s3:GetBucketLocation": ("bucket",),
    "s3:GetObject": ("object",),
    "s3:GetObjectTagging": ("object",),
    "s3:ListBucket": ("bucket",),
    "s3:ListBucketMultipartUploads": ("bucket",),
    "s3:ListMultipartUploadParts": ("object",),
    "s3:PutObject": ("object",),
    "s3:PutObjectTagging": ("object",),
    "secretsmanager:GetSecretValue": ("secret",),
    "sns:Publish": ("topic",),
    "sqs:SendMessage": ("queue",),
    "states:DescribeExecution": ("execution",),
    "states:GetExecutionHistory": ("execution",),
    "states:StartExecution": ("statemachine",),
    "states:StopExecution": ("execution",),
    "xray:PutTelemetryRecords": (),
    "xray:PutTraceSegments": (),
}


def takes_resource(action: str) -> bool:
    """Whether AWS checks the action against a resource. Raises KeyError for an action that is not in the table."""
    return bool(ACTIONS[action])


def page(action: str) -> str:
    """The page of the action's service in the Service Authorization Reference."""
    return _REFERENCE + _PAGES[action.partition(":")[0]]
