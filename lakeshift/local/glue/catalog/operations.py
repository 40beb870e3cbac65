"""Catalog operations of the local Glue, composed."""

from __future__ import annotations

from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.batches import BatchResponses
from lakeshift.local.glue.catalog.catalogs import CatalogsResponses
from lakeshift.local.glue.catalog.databases import DatabaseOperations, DatabaseResponses
from lakeshift.local.glue.catalog.functions import FunctionResponses
from lakeshift.local.glue.catalog.indexes import IndexResponses
from lakeshift.local.glue.catalog.keeping import KeptOperations
from lakeshift.local.glue.catalog.partitions import PartitionOperations, PartitionResponses
from lakeshift.local.glue.catalog.search import SearchResponses
from lakeshift.local.glue.catalog.statistics import StatisticsResponses
from lakeshift.local.glue.catalog.statistics_runs import StatisticsRunOperations, StatisticsRunResponses
from lakeshift.local.glue.catalog.tables import TableOperations, TableResponses
from lakeshift.local.glue.catalog.unfiltered import UnfilteredResponses

__all__ = ["CatalogOperations", "CatalogResponses"]


class CatalogOperations(
    KeptOperations,
    DatabaseOperations,
    TableOperations,
    PartitionOperations,
    StatisticsRunOperations,
    GlueBackend,
):
    """What the backend does for the catalog."""


class CatalogResponses(
    DatabaseResponses,
    TableResponses,
    PartitionResponses,
    BatchResponses,
    IndexResponses,
    FunctionResponses,
    StatisticsResponses,
    StatisticsRunResponses,
    SearchResponses,
    UnfilteredResponses,
    CatalogsResponses,
    GlueResponse,
):
    """How the API answers for the catalog."""
