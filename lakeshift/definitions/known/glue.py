"""The Data Catalog, crawlers, jobs, triggers and workflows."""

from __future__ import annotations

from typing import Final

from lakeshift.definitions.resource_type import ResourceType, resource_type

__all__ = ["TYPES"]

TYPES: Final[tuple[ResourceType, ...]] = (
    resource_type("AWS::Glue::Database", "DatabaseInput CatalogId", "", "DatabaseInput.Name", "{Name}"),
    resource_type(
        "AWS::Glue::Crawler",
        "Name Role Targets",
        "DatabaseName Description Classifiers Configuration RecrawlPolicy SchemaChangePolicy Schedule TablePrefix "
        "CrawlerSecurityConfiguration",
        "Name",
        "{Name}",
    ),
    resource_type(
        "AWS::Glue::Classifier",
        "",
        "CsvClassifier GrokClassifier JsonClassifier XMLClassifier",
        "CsvClassifier.Name GrokClassifier.Name JsonClassifier.Name XMLClassifier.Name",
        "{Name}",
    ),
    resource_type("AWS::Glue::Connection", "ConnectionInput CatalogId", "", "ConnectionInput.Name", "{Name}"),
    resource_type(
        "AWS::Glue::Job",
        "Name Role Command",
        "Description DefaultArguments NonOverridableArguments Connections ExecutionProperty GlueVersion "
        "MaxCapacity WorkerType NumberOfWorkers MaxRetries Timeout ExecutionClass NotificationProperty "
        "SecurityConfiguration",
        "Name",
        "{Name}",
    ),
    resource_type(
        "AWS::Glue::Table",
        "DatabaseName CatalogId TableInput",
        "",
        "TableInput.Name",
        "{Name}",
    ),
    resource_type(
        "AWS::Glue::Trigger",
        "Name Type Actions",
        "Description EventBatchingCondition Predicate Schedule StartOnCreation WorkflowName",
        "Name",
        "{Name}",
    ),
    resource_type(
        "AWS::Glue::Workflow",
        "Name",
        "Description DefaultRunProperties MaxConcurrentRuns",
        "Name",
        "{Name}",
    ),
    resource_type(
        "AWS::Glue::DataQualityRuleset",
        "Name Ruleset",
        "Description TargetTable",
        "Name",
        "{Name}",
    ),
    resource_type(
        "AWS::Glue::SecurityConfiguration",
        "Name EncryptionConfiguration",
        "",
        "Name",
        "{Name}",
    ),
)
