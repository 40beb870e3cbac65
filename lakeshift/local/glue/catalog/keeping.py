"""The catalog outlives the process: its databases are in a journal of their own, not in the service's snapshot."""

from __future__ import annotations

from typing import Any, Final

from moto.core.base_backend import BackendDict
from moto.glue.models import GlueBackend

from lakeshift.local.context import LocalContext
from lakeshift.local.glue.catalog.database import LocalDatabase
from lakeshift.local.glue.catalog.journal import Node
from lakeshift.local.glue.catalog.kept import Kept
from lakeshift.local.glue.catalog.lock import CATALOG, locked

__all__ = ["KeptOperations", "close", "restore"]

_FILE: Final = "glue-catalog.journal"
_DATABASES: Final = "databases"


class KeptOperations(GlueBackend):
    """A backend whose databases are kept by the journal."""

    databases: Kept[LocalDatabase]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.databases = _empty(account_id, region_name)

    @locked
    def reset(self) -> None:
        """As moto's; an empty catalog is what is kept from then on."""
        CATALOG.note(((self.account_id, self.region_name), None))
        super().reset()

    def __getstate__(self) -> dict[str, Any]:
        """What the snapshot holds: all but the databases."""
        return {name: value for name, value in self.__dict__.items() if name != _DATABASES}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take a snapshot in; raises ValueError for one from before the journal."""
        if state.get(_DATABASES):
            raise ValueError("it holds databases of the catalog, which have a file of their own by now")
        self.__dict__.update({name: value for name, value in state.items() if name != _DATABASES})


def restore(backends: BackendDict[Any], context: LocalContext) -> None:
    """Fill every account's and region's catalog from the journal, and keep what changes from now on.

    Raises LakeshiftError where the journal is damaged.
    """
    with CATALOG:
        tree = CATALOG.open(context.state.services / _FILE)
        for account, region, backend in list(backends.iter_backends()):
            backend.databases = _empty(account, region)
        for account, regions in tree.below.items():
            for region, node in regions.below.items():
                databases = backends[account][region].databases
                for name, written in node.below.get(_DATABASES, Node()).below.items():
                    databases.fill(name, LocalDatabase.restored(name, written, account))


def close() -> None:
    """Nothing is kept after that."""
    CATALOG.close()


def _empty(account: str, region: str) -> Kept[LocalDatabase]:
    databases: Kept[LocalDatabase] = Kept(LocalDatabase.documents)
    databases.settle((account, region, _DATABASES))
    return databases
