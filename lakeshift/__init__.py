"""Lakeshift: the local AWS and the deploy tool for the Glue jobs of this repository.

Nothing in ``jobs/`` or ``common/`` imports this package; see docs/architecture.md.
"""

from __future__ import annotations

__version__ = "0.1.0"
