"""Buckets, keys, streams and transfers."""

from __future__ import annotations

from typing import Final

from lakeshift.definitions.resource_type import ResourceType, resource_type

__all__ = ["TYPES"]

TYPES: Final[tuple[ResourceType, ...]] = (
    resource_type(
        "AWS::S3::Bucket",
        "BucketName",
        "VersioningConfiguration BucketEncryption PublicAccessBlockConfiguration NotificationConfiguration "
        "LifecycleConfiguration",
        "BucketName",
        "{Name}",
        {"Arn": "arn:aws:s3:::{Name}"},
    ),
    resource_type("AWS::S3::BucketPolicy", "Bucket PolicyDocument", ref=None),
    resource_type(
        "AWS::KMS::Key",
        "Tags",
        "Description KeyPolicy KeyUsage KeySpec MultiRegion Enabled EnableKeyRotation PendingWindowInDays",
        "",
        None,
        {"Arn": None, "KeyId": None},
    ),
    resource_type(
        "AWS::KMS::Alias",
        "AliasName TargetKeyId",
        "",
        "AliasName",
        "{Name}",
    ),
    resource_type(
        "AWS::Kinesis::Stream",
        "Name",
        "ShardCount RetentionPeriodHours StreamModeDetails StreamEncryption",
        "Name",
        "{Name}",
        {"Arn": "arn:aws:kinesis:{Region}:{Account}:stream/{Name}"},
    ),
    resource_type(
        "AWS::KinesisFirehose::DeliveryStream",
        "DeliveryStreamName ExtendedS3DestinationConfiguration",
        "DeliveryStreamType KinesisStreamSourceConfiguration",
        "DeliveryStreamName",
        "{Name}",
        {"Arn": "arn:aws:firehose:{Region}:{Account}:deliverystream/{Name}"},
    ),
    resource_type(
        "AWS::DataSync::LocationNFS",
        "ServerHostname Subdirectory OnPremConfig",
        "MountOptions",
        attributes={"LocationArn": None, "LocationUri": None},
    ),
    resource_type(
        "AWS::DataSync::LocationS3",
        "S3BucketArn S3Config",
        "Subdirectory S3StorageClass",
        attributes={"LocationArn": None, "LocationUri": None},
    ),
    resource_type(
        "AWS::DataSync::Task",
        "Name SourceLocationArn DestinationLocationArn",
        "Options Includes Excludes Schedule CloudWatchLogGroupArn",
        "Name",
        None,
        {"TaskArn": None},
    ),
    resource_type(
        "AWS::DataSync::LocationSMB",
        "ServerHostname Subdirectory User Password AgentArns",
        "Domain MountOptions",
        "",
        None,
        {"LocationArn": None, "LocationUri": None},
    ),
)
