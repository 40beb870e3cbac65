"""Stored procedures: PL/pgSQL as Redshift has it, parsed and interpreted.

https://docs.aws.amazon.com/redshift/latest/dg/c_pgSQL-usage.html
"""

from __future__ import annotations

from lakeshift.redshift.plpgsql.interpreter import Host, run_procedure
from lakeshift.redshift.plpgsql.parser import parse_body

__all__ = ["Host", "parse_body", "run_procedure"]
