"""The nodes of a tree as a list.

The parser's own walk is a chain of generators; every statement is walked some twenty times, and this takes a third of
the time. The list is made before anything is changed: it is for those who change nothing below what is still to come.
"""

from __future__ import annotations

from typing import Any, Final

from sqlglot import expressions as exp

__all__ = ["nodes", "nodes_of"]

_NODE: Final = exp.Expr


def nodes(tree: Any) -> list[Any]:
    """The tree and all below it, upper levels first."""
    found = [tree]
    add = found.append
    for node in found:  # which grows meanwhile
        for value in node.args.values():
            if value.__class__ is list:
                for item in value:
                    if isinstance(item, _NODE):
                        add(item)
            elif isinstance(value, _NODE):
                add(value)
    return found


def nodes_of(tree: Any, *kinds: type) -> list[Any]:
    """Those of the kinds, upper levels first."""
    return [node for node in nodes(tree) if isinstance(node, kinds)]
