"""Parquet and ORC: schema and row counts come from the footer alone."""

from __future__ import annotations

from typing import Any

from lakeshift.crawler.names import column_name
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import Sample
from lakeshift.crawler.statistics import FileCount
from lakeshift.crawler.types import Column
from lakeshift.lake import FolderLake

__all__ = ["read_orc", "read_parquet"]


def read_parquet(lake: FolderLake, sample: Sample) -> Reading | None:
    """The object as Parquet, or None where it is none or its footer cannot be read."""
    if not sample.data.startswith(b"PAR1"):
        return None
    import pyarrow as pa
    from pyarrow import parquet

    with lake.open(sample.info.bucket, sample.info.key) as stream:
        try:
            footer = parquet.read_metadata(stream)
        except (pa.ArrowException, OSError):
            return None
    stored = sum(footer.row_group(at).total_byte_size for at in range(footer.num_row_groups))
    return _reading(sample, "parquet", footer.schema.to_arrow_schema(), footer.num_rows, stored)


def read_orc(lake: FolderLake, sample: Sample) -> Reading | None:
    """The object as ORC, or None where it is none or its footer cannot be read."""
    if not sample.data.startswith(b"ORC"):
        return None
    import pyarrow as pa
    from pyarrow import orc

    with lake.open(sample.info.bucket, sample.info.key) as stream:
        try:
            file = orc.ORCFile(pa.PythonFile(stream))
            return _reading(sample, "orc", file.schema, file.nrows, sample.info.size)
        except (pa.ArrowException, OSError):
            return None


def _reading(sample: Sample, kind: str, schema: Any, rows: int, stored: int) -> Reading:
    from lakeshift.crawler.arrow_types import hive_type

    return Reading(
        classification=kind,
        classifier=kind,
        serde=kind,
        columns=tuple(Column(column_name(field.name), hive_type(field.type)) for field in schema),
        count=FileCount(sample.info.size, stored // rows if rows else 0, exact=rows),
        records=rows,
    )
