"""Private symbols of moto that we wrap: looked up by name, and missed loudly."""

from __future__ import annotations

import importlib
from typing import Any

from lakeshift.errors import LakeshiftError

__all__ = ["ASL", "rebind", "replace", "symbol"]

ASL = "moto.stepfunctions.parser.asl."


def symbol(path: str) -> Any:
    """The object at ``<module>:<attribute>[.<attribute>]``; raises LakeshiftError where moto no longer has it."""
    owner, name = _owner(path)
    return getattr(owner, name)


def replace(path: str, new: Any) -> Any:
    """Put ``new`` in the place of the symbol at ``path`` and return what stood there.

    A replacement is remembered by its path, so that installing twice in one process wraps once.
    """
    owner, name = _owner(path)
    old = _replaced.setdefault(path, vars(owner)[name] if name in vars(owner) else getattr(owner, name))
    setattr(owner, name, new)
    return old.__func__ if isinstance(old, staticmethod) else old


def rebind(path: str, new: Any, modules: list[str]) -> Any:
    """Replace a function at ``path`` and in every module of ``modules`` that imported it by name; returns moto's."""
    name = path.rpartition(":")[2]
    old = replace(path, new)
    for module in modules:
        replace(f"{module}:{name}", new)
    return old


_replaced: dict[str, Any] = {}


def _owner(path: str) -> tuple[Any, str]:
    module, _, names = path.partition(":")
    *parents, name = names.split(".")
    try:
        owner = importlib.import_module(module)
        for parent in parents:
            owner = getattr(owner, parent)
        getattr(owner, name)
    except (ImportError, AttributeError) as error:
        raise LakeshiftError(
            f"moto has no {path}, which the local AWS repairs ({error}). Install the pinned moto: run `make setup`."
        ) from error
    return owner, name
