"""Redshift, provisioned and Serverless."""

from __future__ import annotations

from typing import Final

from lakeshift.definitions.resource_type import ResourceType, resource_type

__all__ = ["TYPES"]

TYPES: Final[tuple[ResourceType, ...]] = (
    resource_type(
        "AWS::Redshift::Cluster",
        "ClusterIdentifier ClusterType NodeType DBName MasterUsername MasterUserPassword",
        "NumberOfNodes IamRoles Encrypted PubliclyAccessible VpcSecurityGroupIds ClusterSubnetGroupName KmsKeyId "
        "AutomatedSnapshotRetentionPeriod PreferredMaintenanceWindow EnhancedVpcRouting ClusterParameterGroupName",
        "ClusterIdentifier",
        "{Name}",
        {"Endpoint.Address": None, "Endpoint.Port": None},
    ),
    resource_type(
        "AWS::Redshift::ClusterParameterGroup",
        "ParameterGroupName ParameterGroupFamily Description",
        "Parameters",
        "ParameterGroupName",
        "{Name}",
    ),
    resource_type(
        "AWS::Redshift::ScheduledAction",
        "ScheduledActionName TargetAction Schedule IamRole",
        "ScheduledActionDescription StartTime EndTime Enable",
        "ScheduledActionName",
        "{Name}",
    ),
    resource_type(
        "AWS::Redshift::UsageLimit",
        "ClusterIdentifier FeatureType LimitType Amount",
        "Period BreachAction",
        "",
        None,
        {"UsageLimitId": None},
    ),
    resource_type(
        "AWS::RedshiftServerless::Namespace",
        "NamespaceName DbName",
        "AdminUsername AdminUserPassword ManageAdminPassword AdminPasswordSecretKmsKeyId IamRoles DefaultIamRoleArn "
        "KmsKeyId LogExports",
        "NamespaceName",
        "{Name}",
        {"Namespace.NamespaceArn": None, "Namespace.NamespaceId": None},
    ),
    resource_type(
        "AWS::RedshiftServerless::Workgroup",
        "WorkgroupName NamespaceName",
        "BaseCapacity MaxCapacity EnhancedVpcRouting PubliclyAccessible SubnetIds SecurityGroupIds ConfigParameters "
        "Port",
        "WorkgroupName",
        "{Name}",
        {
            "Workgroup.WorkgroupArn": None,
            "Workgroup.WorkgroupId": None,
            "Workgroup.Endpoint.Address": None,
            "Workgroup.Endpoint.Port": None,
        },
    ),
)
