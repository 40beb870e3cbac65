"""YAML to a tree that knows its lines: plain data and CloudFormation's functions, no aliases, no object tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import yaml

from lakeshift.definitions.errors import DefinitionError, Problem

__all__ = ["FUNCTIONS", "Call", "Item", "read"]

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
FUNCTIONS: Final = ("Ref", "Sub", "GetAtt", "Join", "If", "Equals", "Not", "And", "Or", "Condition")
_LONG: Final = ", ".join(name if name in ("Ref", "Condition") else f"Fn::{name}" for name in FUNCTIONS)
_CORE: Final = "tag:yaml.org,2002:"
_SCALARS: Final = ("null", "bool", "int", "float", "str", "timestamp")


@dataclass(frozen=True, slots=True)
class Call:
    """One function of CloudFormation, in the short form (``!Sub``) or the long one (``Fn::Sub:``)."""

    function: str
    argument: Item


@dataclass(frozen=True, slots=True)
class Item:
    """One value and the line it stands on (the first is 1)."""

    value: str | int | float | bool | list[Item] | dict[str, Item] | Call | None
    line: int


class _Loader(yaml.SafeLoader):
    """The safe loader; the tree of nodes is made without its constructors for objects."""


def read(text: str, file: str) -> Item:
    """The document in ``text``. Raises DefinitionError with every line that is not plain YAML or one of FUNCTIONS."""
    loader = _Loader(text)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                line = event.start_mark.line + 1 if event.start_mark else 1
                message = "anchors and aliases (&name, *name) are not read; write the value out."
                raise DefinitionError([Problem(file, line, message)])
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        message = f"not YAML: {getattr(error, 'problem', None) or error}."
        raise DefinitionError([Problem(file, line, message)]) from error
    finally:
        loader.dispose()
    if node is None:
        return Item({}, 1)
    reader = _Reader(file)
    item = reader.item(node)
    if reader.problems:
        raise DefinitionError(reader.problems)
    return item


class _Reader:
    """Nodes to items; keeps the problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))

    def item(self, node: yaml.Node) -> Item:
        line = node.start_mark.line + 1
        if not node.tag.startswith(_CORE):
            return self._tagged(node, line)
        kind = node.tag[len(_CORE) :]
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._mapping(node, line)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return Item([self.item(child) for child in node.value], line)
        if isinstance(node, yaml.ScalarNode) and kind in _SCALARS:
            return Item(_scalar(node, kind), line)
        self.problem(line, f"the tag {node.tag} is not read; plain data and CloudFormation's functions only.")
        return Item(None, line)

    def _tagged(self, node: yaml.Node, line: int) -> Item:
        name = node.tag.removeprefix("!")
        if name not in FUNCTIONS:
            self.problem(line, f"unknown function !{name}; known are {', '.join('!' + known for known in FUNCTIONS)}.")
            return Item(None, line)
        plain: yaml.Node
        if isinstance(node, yaml.ScalarNode):
            value: Item = Item(node.value, line)
            if name == "GetAtt":
                resource, _, attribute = node.value.partition(".")
                value = Item([Item(resource, line), Item(attribute, line)], line)
            return Item(Call(name, value), line)
        if isinstance(node, yaml.SequenceNode):
            plain = yaml.SequenceNode(_CORE + "seq", node.value, node.start_mark, node.end_mark)
        else:
            plain = yaml.MappingNode(_CORE + "map", node.value, node.start_mark, node.end_mark)
        return Item(Call(name, self.item(plain)), line)

    def _mapping(self, node: yaml.MappingNode, line: int) -> Item:
        pairs: dict[str, Item] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _CORE + "merge":
                self.problem(key_line, "a key has to be a plain text; merge keys (<<) are not read.")
                continue
            if key_node.value in pairs:
                self.problem(key_line, f"the key {key_node.value} stands here twice; the first would be lost.")
            item = self.item(value_node)
            scalar = isinstance(value_node, yaml.ScalarNode)
            pairs[key_node.value] = item if scalar else Item(item.value, key_line)  # a block is where its key is
        for key, child in pairs.items():
            if key.startswith("Fn::") and (key.removeprefix("Fn::") not in FUNCTIONS or len(pairs) > 1):
                self.problem(child.line, f"{key} is unknown or not alone; known are {_LONG}.")
        return _long_form(pairs, line) if len(pairs) == 1 else Item(dict(pairs), line)


def _long_form(pairs: dict[str, Item], line: int) -> Item:
    """``{Ref: x}`` and ``{Fn::Sub: x}`` are calls; everything else is a mapping."""
    key, argument = next(iter(pairs.items()))
    name = key.removeprefix("Fn::")
    if key == "Ref" or (key.startswith("Fn::") and name in FUNCTIONS):
        if name == "GetAtt" and isinstance(argument.value, str):
            resource, _, attribute = argument.value.partition(".")
            argument = Item([Item(resource, argument.line), Item(attribute, argument.line)], argument.line)
        return Item(Call(name, argument), line)
    return Item(dict(pairs), line)


def _scalar(node: yaml.ScalarNode, kind: str) -> Any:
    """The value; a date stays the text it is, as ``Version: 2012-10-17`` of a policy means it."""
    if kind in ("str", "timestamp"):
        return node.value
    constructor = yaml.constructor.SafeConstructor()
    return constructor.construct_object(node)  # type: ignore[no-untyped-call,unused-ignore]
