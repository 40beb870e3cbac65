"""What a crawler is pointed at: include paths, Delta and Iceberg tables, tables of the catalog."""

from __future__ import annotations

from dataclasses import dataclass

from lakeshift.crawler.plan import CatalogTable

__all__ = ["AnyTarget", "CatalogTarget", "DeltaTarget", "IcebergTarget", "Target", "split_url"]


def split_url(url: str) -> tuple[str, str]:
    """Bucket and key prefix of ``s3://bucket/prefix``; the prefix is empty or ends with ``/``."""
    bucket, _, rest = url.partition("://")[2].partition("/")
    rest = rest.strip("/")
    return bucket, f"{rest}/" if rest else ""


@dataclass(frozen=True, slots=True)
class Target:
    """One S3 include path: ``s3://bucket/prefix``; ``sample`` = files read a leaf folder, 0 for all."""

    path: str
    exclusions: tuple[str, ...] = ()
    sample: int = 0

    @property
    def bucket(self) -> str:
        """The bucket of the include path."""
        return split_url(self.path)[0]

    @property
    def prefix(self) -> str:
        """The keys' prefix: empty, or ending with ``/``."""
        return split_url(self.path)[1]


@dataclass(frozen=True, slots=True)
class DeltaTarget:
    """One Delta table by its folder. ``native``: CreateNativeDeltaTable; ``manifest``: WriteManifest."""

    path: str
    native: bool = False
    manifest: bool = False


@dataclass(frozen=True, slots=True)
class IcebergTarget:
    """A folder below which Iceberg tables lie, at most ``depth`` folders deep."""

    path: str
    exclusions: tuple[str, ...] = ()
    depth: int = 10


@dataclass(frozen=True, slots=True)
class CatalogTarget:
    """One table that the catalog holds and whose data lies in S3."""

    database: str
    name: str
    held: CatalogTable


AnyTarget = Target | DeltaTarget | IcebergTarget | CatalogTarget
