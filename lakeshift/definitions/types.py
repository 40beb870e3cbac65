"""The types of resource that can be deployed: their properties, their name, what Ref and GetAtt of them give.

Properties are those of CloudFormation that the deploy tool carries out; another one is refused, not dropped.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lakeshift.definitions.known import access, events, glue, storage, warehouse, watching
from lakeshift.definitions.resource_type import ResourceType

__all__ = ["TYPES", "ResourceType"]

TYPES: Final[Mapping[str, ResourceType]] = {
    one.name: one for module in (storage, access, glue, events, watching, warehouse) for one in module.TYPES
}
