"""A stage on folders of this machine: the lake's URLs are paths, the catalog is in memory, Spark is the tests' own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyspark.sql import SparkSession

from common.audit import Audit
from common.objects import Objects, StoredObject
from tests.unit.common.fakes import FakeGlue


class FolderObjects(Objects):
    """Objects whose URLs are paths."""

    def __init__(self) -> None:
        super().__init__(None)

    def under(self, url: str) -> Iterator[StoredObject]:
        root = Path(url)
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            hidden = any(part[:1] in ("_", ".") for part in path.relative_to(root).parts)
            if path.is_file() and not hidden:
                stat = path.stat()
                yield StoredObject(str(path), stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC), "")

    def folders(self, url: str) -> Iterator[str]:
        root = Path(url)
        yield from sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []

    def read_json(self, url: str) -> Any | None:
        return json.loads(Path(url).read_text()) if Path(url).exists() else None

    def write_json(self, url: str, document: Any) -> None:
        Path(url).parent.mkdir(parents=True, exist_ok=True)
        Path(url).write_text(json.dumps(document))


def stage(spark: SparkSession, home: Path, catalog: FakeGlue, run: str, attempt: str = "jr_1") -> Any:
    """One attempt of one pipeline run on the lake below ``home``."""
    arguments = SimpleNamespace(
        clean=str(home / "clean"), marts=str(home / "marts"), ops=str(home / "ops"),
        pipeline_run_id=run, job_run_id=f"{run}-{attempt}",
    )  # fmt: skip
    audit = Audit("flights_enriched", arguments.job_run_id, run)
    return SimpleNamespace(
        arguments=arguments, spark=spark, objects=FolderObjects(), catalog=catalog, audit=audit, glue=None,
        read_if_there=lambda url, schema: spark.read.schema(schema).parquet(url) if Path(url).exists() else None,
    )  # fmt: skip
