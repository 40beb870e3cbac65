"""The types of resource that can be deployed: their properties, their name, what Ref and GetAtt of them give.

Properties are those of CloudFormation that the deploy tool carries out; another one is refused, not dropped.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["TYPES", "ResourceType"]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One type.

    ``names`` are the paths (``DatabaseInput.Name``) of the property that is its name on AWS, one of which is needed;
    ``ref`` and ``attributes`` are texts of ``{Name}``, ``{Region}`` and ``{Account}``, or None where only AWS knows.
    """

    name: str
    properties: frozenset[str]
    required: frozenset[str]
    names: tuple[str, ...] = ()
    ref: str | None = None
    attributes: Mapping[str, str | None] = field(default_factory=dict)


def _type(
    name: str,
    required: str,
    optional: str = "",
    names: str = "",
    ref: str | None = None,
    attributes: Mapping[str, str | None] | None = None,
) -> ResourceType:
    needed = frozenset(required.split())
    return ResourceType(name, needed | set(optional.split()), needed, tuple(names.split()), ref, attributes or {})


TYPES: Final[Mapping[str, ResourceType]] = {
    one.name: one
    for one in (
        _type(
            "AWS::S3::Bucket",
            "BucketName",
            "VersioningConfiguration BucketEncryption PublicAccessBlockConfiguration NotificationConfiguration "
            "LifecycleConfiguration",
            "BucketName",
            "{Name}",
            {"Arn": "arn:aws:s3:::{Name}"},
        ),
        _type("AWS::S3::BucketPolicy", "Bucket PolicyDocument", ref=None),
        _type(
            "AWS::IAM::Role",
            "RoleName AssumeRolePolicyDocument",
            "Description Policies ManagedPolicyArns MaxSessionDuration",
            "RoleName",
            "{Name}",
            {"Arn": "arn:aws:iam::{Account}:role/{Name}"},
        ),
        _type("AWS::Glue::Database", "DatabaseInput", "CatalogId", "DatabaseInput.Name", "{Name}"),
        _type(
            "AWS::Glue::Crawler",
            "Name Role Targets",
            "DatabaseName Description Classifiers Configuration RecrawlPolicy SchemaChangePolicy Schedule TablePrefix "
            "CrawlerSecurityConfiguration",
            "Name",
            "{Name}",
        ),
        _type(
            "AWS::Glue::Classifier",
            "",
            "CsvClassifier GrokClassifier JsonClassifier XMLClassifier",
            "CsvClassifier.Name GrokClassifier.Name JsonClassifier.Name XMLClassifier.Name",
            "{Name}",
        ),
        _type("AWS::Glue::Connection", "ConnectionInput", "CatalogId", "ConnectionInput.Name", "{Name}"),
        _type(
            "AWS::Glue::Job",
            "Name Role Command",
            "Description DefaultArguments NonOverridableArguments Connections ExecutionProperty GlueVersion "
            "MaxCapacity WorkerType NumberOfWorkers MaxRetries Timeout ExecutionClass NotificationProperty "
            "SecurityConfiguration",
            "Name",
            "{Name}",
        ),
        _type(
            "AWS::SNS::Topic",
            "TopicName",
            "DisplayName KmsMasterKeyId",
            "TopicName",
            "arn:aws:sns:{Region}:{Account}:{Name}",
            {"TopicArn": "arn:aws:sns:{Region}:{Account}:{Name}", "TopicName": "{Name}"},
        ),
        _type("AWS::SNS::Subscription", "TopicArn Protocol Endpoint", "RawMessageDelivery FilterPolicy"),
        _type(
            "AWS::SQS::Queue",
            "QueueName",
            "MessageRetentionPeriod VisibilityTimeout DelaySeconds MaximumMessageSize ReceiveMessageWaitTimeSeconds "
            "SqsManagedSseEnabled KmsMasterKeyId RedrivePolicy",
            "QueueName",
            None,
            {"Arn": "arn:aws:sqs:{Region}:{Account}:{Name}", "QueueName": "{Name}", "QueueUrl": None},
        ),
        _type("AWS::SQS::QueuePolicy", "Queues PolicyDocument"),
        _type(
            "AWS::StepFunctions::StateMachine",
            "StateMachineName RoleArn",
            "StateMachineType DefinitionS3Location DefinitionString DefinitionSubstitutions LoggingConfiguration "
            "TracingConfiguration",
            "StateMachineName",
            "arn:aws:states:{Region}:{Account}:stateMachine:{Name}",
            {"Arn": "arn:aws:states:{Region}:{Account}:stateMachine:{Name}", "Name": "{Name}"},
        ),
        _type(
            "AWS::KinesisFirehose::DeliveryStream",
            "DeliveryStreamName ExtendedS3DestinationConfiguration",
            "DeliveryStreamType",
            "DeliveryStreamName",
            "{Name}",
            {"Arn": "arn:aws:firehose:{Region}:{Account}:deliverystream/{Name}"},
        ),
        _type(
            "AWS::DataSync::LocationNFS",
            "ServerHostname Subdirectory OnPremConfig",
            "MountOptions",
            attributes={"LocationArn": None, "LocationUri": None},
        ),
        _type(
            "AWS::DataSync::LocationS3",
            "S3BucketArn S3Config",
            "Subdirectory S3StorageClass",
            attributes={"LocationArn": None, "LocationUri": None},
        ),
        _type(
            "AWS::DataSync::Task",
            "Name SourceLocationArn DestinationLocationArn",
            "Options Includes Excludes Schedule CloudWatchLogGroupArn",
            "Name",
            None,
            {"TaskArn": None},
        ),
        _type(
            "AWS::Redshift::Cluster",
            "ClusterIdentifier ClusterType NodeType DBName MasterUsername MasterUserPassword",
            "NumberOfNodes IamRoles Encrypted PubliclyAccessible VpcSecurityGroupIds ClusterSubnetGroupName KmsKeyId "
            "AutomatedSnapshotRetentionPeriod PreferredMaintenanceWindow EnhancedVpcRouting",
            "ClusterIdentifier",
            "{Name}",
            {"Endpoint.Address": None, "Endpoint.Port": None},
        ),
        _type(
            "AWS::SecretsManager::Secret",
            "Name",
            "Description SecretString GenerateSecretString KmsKeyId",
            "Name",
            None,
            {"Id": None},
        ),
        _type(
            "AWS::Logs::LogGroup",
            "LogGroupName",
            "RetentionInDays KmsKeyId",
            "LogGroupName",
            "{Name}",
            {"Arn": "arn:aws:logs:{Region}:{Account}:log-group:{Name}:*"},
        ),
        _type(
            "AWS::Events::Rule",
            "Name",
            "Description EventPattern ScheduleExpression State Targets",
            "Name",
            "{Name}",
            {"Arn": "arn:aws:events:{Region}:{Account}:rule/{Name}"},
        ),
    )
}
