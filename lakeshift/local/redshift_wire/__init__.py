"""The Postgres wire protocol in front of the local Redshift, version 3 as Redshift speaks it.

https://www.postgresql.org/docs/current/protocol.html
"""

from __future__ import annotations

from lakeshift.local.redshift_wire.server import Front, Listener

__all__ = ["Front", "Listener"]
