"""Catalog operations of the local Glue, composed."""

from __future__ import annotations

from moto.glue.models import GlueBackend
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.databases import DatabaseOperations, DatabaseResponses
from lakeshift.local.glue.catalog.partitions import PartitionOperations, PartitionResponses
from lakeshift.local.glue.catalog.search import SearchResponses
from lakeshift.local.glue.catalog.unfiltered import UnfilteredResponses

__all__ = ["CatalogOperations", "CatalogResponses"]


class CatalogOperations(DatabaseOperations, PartitionOperations, GlueBackend):
    """What the backend does for the catalog."""


class CatalogResponses(
    DatabaseResponses,
    PartitionResponses,
    SearchResponses,
    UnfilteredResponses,
    GlueResponse,
):
    """How the API answers for the catalog."""
