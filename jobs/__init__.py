"""Glue jobs: ``<name>.py`` is the script, ``<name>.yaml`` how it is deployed."""

from __future__ import annotations
