"""Roles, policies and secrets."""

from __future__ import annotations

from typing import Final

from lakeshift.definitions.resource_type import ResourceType, resource_type

__all__ = ["TYPES"]

TYPES: Final[tuple[ResourceType, ...]] = (
    resource_type(
        "AWS::IAM::Role",
        "RoleName AssumeRolePolicyDocument",
        "Description Policies ManagedPolicyArns MaxSessionDuration",
        "RoleName",
        "{Name}",
        {"Arn": "arn:aws:iam::{Account}:role/{Name}"},
    ),
    resource_type(
        "AWS::IAM::ManagedPolicy",
        "ManagedPolicyName PolicyDocument",
        "Description",
        "ManagedPolicyName",
        "arn:aws:iam::{Account}:policy/{Name}",
        {"PolicyArn": "arn:aws:iam::{Account}:policy/{Name}"},
    ),
    resource_type(
        "AWS::SecretsManager::Secret",
        "Name",
        "Description SecretString GenerateSecretString KmsKeyId",
        "Name",
        None,
        {"Id": None},
    ),
)
