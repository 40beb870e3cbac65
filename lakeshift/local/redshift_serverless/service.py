"""Puts a service that moto does not have among moto's: a package by the right name, and its addresses."""

from __future__ import annotations

import re
import sys
import types
from typing import Final

from moto import backend_index

from lakeshift.local.redshift_serverless.backend import redshiftserverless_backends

__all__ = ["install"]

_PACKAGE: Final = "moto.redshiftserverless"
_ADDRESS: Final = r"https?://redshift-serverless\.(.+)\.amazonaws\.com"


def install() -> None:
    """Must run before the first request; a second time changes nothing."""
    if _PACKAGE in sys.modules:
        return
    for name in (_PACKAGE, f"{_PACKAGE}.models"):
        module = types.ModuleType(name)
        vars(module).update(redshiftserverless_backends=redshiftserverless_backends, __path__=[])
        sys.modules[name] = module
    backend_index.backend_url_patterns.append(("redshiftserverless", re.compile(_ADDRESS)))
