"""Functions the engine has no expression for: Python over whole Arrow columns, one module a family."""

from __future__ import annotations

from lakeshift.redshift.scalars.registry import install

__all__ = ["install"]
