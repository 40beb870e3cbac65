"""Writing a frame into a database table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lakeshift.glue_runtime.engine.frame import GlueFrame
from lakeshift.glue_runtime.engine.jdbc_source import jdbc_properties
from lakeshift.glue_runtime.engine.sinks import writable

__all__ = ["write_jdbc"]


def write_jdbc(frame: GlueFrame, options: Mapping[str, Any], catalog_id: str | None = None) -> None:
    """Insert the records into ``dbtable``; the table is made where it is missing.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-jdbc-home.html
    """
    table = options.get("dbtable")
    if not table:
        raise ValueError("A JDBC sink needs dbtable")
    properties = jdbc_properties(options, catalog_id)
    url = properties.pop("url")
    if options.get("database"):
        base, _, query = url.partition("?")
        url = f"{base.rsplit('/', 1)[0]}/{options['database']}" + (f"?{query}" if query else "")
    frame.assert_thresholds()
    writable(frame).write.jdbc(url, str(table), mode="append", properties=properties)
