"""References and functions of one stack to values; what only AWS knows stays deferred.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lakeshift.definitions.document import Call, Item
from lakeshift.definitions.errors import Problem
from lakeshift.definitions.template import RawResource, Template
from lakeshift.definitions.types import TYPES
from lakeshift.definitions.values import Attribute, Deferred, Value, joined

__all__ = ["ABSENT", "Absent", "Resolver"]

_PLACE: Final = re.compile(r"\$\{(!?)([^}]+)\}")
_PSEUDO: Final = {"AWS::AccountId": "AccountId", "AWS::Region": "Region"}


class Absent:
    """What ``!Ref AWS::NoValue`` gives: the property that holds it is not there."""


ABSENT: Final = Absent()
_Found = Value | Absent


class Resolver:
    """Values of items; ``problems`` grows with all that cannot be resolved, ``references`` with resources named."""

    def __init__(
        self, templates: Mapping[str, Template], resources: Mapping[str, RawResource], parameters: Mapping[str, str]
    ) -> None:
        self._templates = templates
        self._resources = resources
        self._parameters = parameters
        self._naming: list[str] = []
        self._conditions: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self.references: set[str] = set()

    def problem(self, file: str, item: Item, message: str) -> Absent:
        """Note what is wrong at ``item``."""
        self.problems.append(Problem(file, item.line, message))
        return ABSENT

    def value(self, item: Item, file: str) -> _Found:
        """The value of ``item`` of ``file``; ABSENT where there is none."""
        if isinstance(item.value, Call):
            return self._call(item, item.value, file)
        if isinstance(item.value, list):
            found = (self.value(child, file) for child in item.value)
            return [one for one in found if not isinstance(one, Absent)]
        if isinstance(item.value, dict):
            pairs = ((key, self.value(child, file)) for key, child in item.value.items())
            return {key: one for key, one in pairs if not isinstance(one, Absent)}
        return item.value

    def condition(self, name: str, item: Item, file: str) -> bool:
        """Whether the condition ``name`` of ``file`` holds."""
        known = self._templates[file].conditions
        if name not in known:
            told = ", ".join(sorted(known)) or "none"
            self.problem(file, item, f"unknown condition {name}; this file has {told}.")
            return False
        if (file, name) in self._conditions:
            self.problem(file, item, f"the condition {name} asks for itself.")
            return False
        self._conditions.append((file, name))
        try:
            return self._truth(known[name], file)
        finally:
            self._conditions.pop()

    def _truth(self, item: Item, file: str) -> bool:
        found = self.value(item, file)
        if isinstance(found, bool):
            return found
        self.problem(file, item, "a condition has to be !Equals, !Not, !And, !Or or !Condition.")
        return False

    def _call(self, item: Item, call: Call, file: str) -> _Found:
        function, argument = call.function, call.argument
        if function in ("Ref", "Condition"):
            return self._named(function, argument, file)
        if function == "Sub":
            return self._sub(argument, file)
        if not isinstance(argument.value, list):
            return self.problem(file, item, f"!{function} needs a list.")
        items = argument.value
        if function == "GetAtt":
            return self._get_att(item, items, file)
        if function == "Join":
            return self._join(item, items, file)
        if function == "If":
            return self._if(item, items, file)
        return self._logic(item, function, items, file)

    def _named(self, function: str, argument: Item, file: str) -> _Found:
        if not isinstance(argument.value, str):
            return self.problem(file, argument, f"!{function} needs one name.")
        if function == "Condition":
            return self.condition(argument.value, argument, file)
        if argument.value == "AWS::NoValue":
            return ABSENT
        return self._reference(argument.value, "Ref", argument, file)

    def _get_att(self, item: Item, items: list[Item], file: str) -> _Found:
        texts = [child.value for child in items]
        if len(texts) != 2 or not all(isinstance(text, str) and text for text in texts):
            return self.problem(file, item, "!GetAtt needs a resource and an attribute: !GetAtt Bucket.Arn.")
        return self._reference(str(texts[0]), str(texts[1]), item, file)

    def _join(self, item: Item, items: list[Item], file: str) -> _Found:
        values = [self.value(child, file) for child in items]
        if len(values) != 2 or not isinstance(values[0], str) or not isinstance(values[1], list):
            return self.problem(file, item, '!Join needs a separator and a list: !Join [",", [a, b]].')
        parts: list[str | Attribute | Deferred] = []
        for number, value in enumerate(values[1]):
            parts += ([values[0]] if number else []) + [self._text(value, item, file)]
        return joined(parts)

    def _if(self, item: Item, items: list[Item], file: str) -> _Found:
        """Only the branch that is taken is looked at: a stage gives the parameters of its own branch."""
        if len(items) != 3 or not isinstance(items[0].value, str):
            return self.problem(file, item, "!If needs a condition, a value when true and a value when false.")
        return self.value(items[1] if self.condition(items[0].value, items[0], file) else items[2], file)

    def _logic(self, item: Item, function: str, items: list[Item], file: str) -> _Found:
        least, most = {"Equals": (2, 2), "Not": (1, 1)}.get(function, (2, 10))
        if not least <= len(items) <= most:
            return self.problem(file, item, f"!{function} takes {least} to {most} values.")
        if function == "Equals":
            first, second = (self.value(child, file) for child in items)
            return first == second
        truths = [self._truth(child, file) for child in items]
        return {"Not": not truths[0], "And": all(truths), "Or": any(truths)}[function]

    def _sub(self, argument: Item, file: str) -> _Found:
        own: dict[str, str | Attribute | Deferred] = {}
        text = argument.value
        if isinstance(text, list):
            given = text[1].value if len(text) == 2 else None
            if not isinstance(given, dict):
                return self.problem(file, argument, "!Sub needs a text, or a text and a mapping.")
            own = {key: self._text(self.value(child, file), child, file) for key, child in given.items()}
            text = text[0].value
        if not isinstance(text, str):
            return self.problem(file, argument, "!Sub needs a text, or a text and a mapping.")
        parts: list[str | Attribute | Deferred] = []
        end = 0
        for place in _PLACE.finditer(text):
            parts += [text[end : place.start()], self._place(place, own, argument, file)]
            end = place.end()
        return joined([*parts, text[end:]])

    def _place(
        self, place: re.Match[str], own: Mapping[str, str | Attribute | Deferred], item: Item, file: str
    ) -> str | Attribute | Deferred:
        literal, name = place.groups()
        if literal:
            return f"${{{name}}}"
        if name in own:
            return own[name]
        resource, dot, attribute = name.partition(".")
        found = self._reference(resource, attribute if dot else "Ref", item, file)
        return self._text(found, item, file)

    def _text(self, value: _Found, item: Item, file: str) -> str | Deferred:
        if isinstance(value, str | Deferred):
            return value
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            return str(value)
        if not isinstance(value, Absent):
            self.problem(file, item, "one text is needed here, not a list or a mapping.")
        return ""

    def _reference(self, name: str, attribute: str, item: Item, file: str) -> _Found:
        given = self._parameters.get(_PSEUDO.get(name, name))
        if attribute == "Ref" and given is not None:
            return given
        if name == "AWS::Partition":
            return "aws"
        if name in self._resources:
            return self._attribute(self._resources[name], attribute, item, file)
        known = ", ".join(sorted(self._parameters))
        return self.problem(file, item, f"unknown name {name}: no resource of this stage, nor a parameter ({known}).")

    def _attribute(self, resource: RawResource, attribute: str, item: Item, file: str) -> _Found:
        kind = TYPES[resource.type]
        if attribute != "Ref" and attribute not in kind.attributes:
            told = ", ".join(sorted(kind.attributes)) or "none"
            return self.problem(file, item, f"{resource.type} has no attribute {attribute}; it has {told}.")
        self.references.add(resource.logical_id)
        template = kind.ref if attribute == "Ref" else kind.attributes[attribute]
        if template is None:
            return Deferred((Attribute(resource.logical_id, attribute),))
        name = self._name(resource, item, file)
        values = {"Region": self._parameters.get("Region", ""), "Account": self._parameters.get("AccountId", "")}
        places = re.split(r"\{(\w+)\}", template)
        return joined(
            (name if part == "Name" else values[part]) if number % 2 else part for number, part in enumerate(places)
        )

    def _name(self, resource: RawResource, item: Item, file: str) -> str | Deferred:
        """The name a resource has on AWS, from the property that gives it."""
        if resource.logical_id in self._naming:
            self.problem(file, item, f"the name of {resource.logical_id} asks for itself.")
            return ""
        named = resource.name_item()
        if named is None:  # told as a problem of the resource itself
            return ""
        self._naming.append(resource.logical_id)
        try:
            return self._text(self.value(named, resource.file), named, resource.file)
        finally:
            self._naming.pop()
