"""The nodes of a tree as a list, and by type.

The parser's own walk is a chain of generators, and a statement is looked through some twenty times: here it is walked
once, and every rule asks for the nodes of its types. A list is made before anything is changed: it is for those who
change nothing below what is still to come.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, Final

from sqlglot import expressions as exp

__all__ = ["Nodes", "nodes", "nodes_of"]

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


class Nodes:
    """A tree's nodes from one walk, which may be asked for many kinds; of no use once the tree is another."""

    __slots__ = ("_by_type", "all")

    def __init__(self, tree: Any) -> None:
        self.all = nodes(tree)
        by_type: defaultdict[type, list[Any]] = defaultdict(list)
        for node in self.all:
            by_type[node.__class__].append(node)
        self._by_type = dict(by_type)

    @property
    def types(self) -> frozenset[type]:
        """The types that occur."""
        return frozenset(self._by_type)

    def has(self, *kinds: type) -> bool:
        """Whether there is a node of one of the kinds."""
        return any(_is_one_of(one, kinds) for one in self._by_type)

    def of(self, *kinds: type) -> list[Any]:
        """Those of the kinds, upper levels first."""
        types = [one for one in self._by_type if _is_one_of(one, kinds)]
        if len(types) == 1:
            return self._by_type[types[0]]
        return [node for node in self.all if node.__class__ in types] if types else []


@cache
def _is_one_of(one: type, kinds: tuple[type, ...]) -> bool:
    return issubclass(one, kinds)
