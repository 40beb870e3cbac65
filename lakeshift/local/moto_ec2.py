"""moto's Redshift without the second that it takes to import all of EC2 for its security groups and subnets.

moto.redshift takes a table of EC2 backends by name when it is imported, and looks into it only where a cluster names
a security group or a subnet group. Until then a stand-in is enough, which imports the real one at its first use.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, Final

__all__ = ["import_redshift"]

_STOOD_IN: Final = ("moto.ec2", "moto.ec2.models", "moto.ec2.models.security_groups")


class _Backends:
    """``ec2_backends`` of moto, imported when an account is asked for."""

    def __getitem__(self, account: str) -> Any:
        return importlib.import_module("moto.ec2").ec2_backends[account]

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("moto.ec2").ec2_backends, name)


def import_redshift() -> None:
    """Import ``moto.redshift``; where EC2 is there already, nothing is stood in for."""
    if "moto.ec2" in sys.modules:
        importlib.import_module("moto.redshift")
        return
    for name in _STOOD_IN:
        sys.modules[name] = ModuleType(name)
    sys.modules["moto.ec2"].ec2_backends = _Backends()  # type: ignore[attr-defined]
    sys.modules[_STOOD_IN[-1]].SecurityGroup = object  # type: ignore[attr-defined]
    try:
        importlib.import_module("moto.redshift")
    finally:
        for name in _STOOD_IN:
            del sys.modules[name]
