"""Queries the leader node answers alone: the PostgreSQL catalogs that psql, SQLAlchemy, dbt and BI tools ask.

https://docs.aws.amazon.com/redshift/latest/dg/c_join_PG.html
"""

from __future__ import annotations

from lakeshift.redshift.leader.catalogs import CATALOGS_DDL
from lakeshift.redshift.leader.functions import LEADER_MACROS_DDL
from lakeshift.redshift.leader.translate import translate

__all__ = ["LEADER_DDL", "translate"]

_NEEDS_A_VIEW = "leader_pg_description"
# The views use the macros, and one macro a view: it is made last.
LEADER_DDL = (
    *(one for one in LEADER_MACROS_DDL if _NEEDS_A_VIEW not in one),
    *CATALOGS_DDL,
    *(one for one in LEADER_MACROS_DDL if _NEEDS_A_VIEW in one),
)
