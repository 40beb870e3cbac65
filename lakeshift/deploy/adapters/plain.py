"""Types whose API has CloudFormation's names and one call each to read, create, update and delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from lakeshift.deploy.adapters.base import Adapter, Live, Properties, tag_list
from lakeshift.deploy.session import AwsSession

__all__ = ["Plain"]


class Plain(Adapter):
    """``operation`` is ``trigger`` of ``create_trigger``; ``found_in`` the member of the answer that has it.

    ``key`` are the parameters of get and delete, by the property each comes from; ``tags_as`` the form of its tags.
    """

    service: ClassVar[str]
    operation: ClassVar[str]
    key: ClassVar[Mapping[str, str]] = {"Name": "Name"}
    found_in: ClassVar[str | None] = None
    absent: ClassVar[tuple[str, ...]] = ("EntityNotFoundException",)
    tags_as: ClassVar[str | None] = "map"

    def read(self, aws: AwsSession, want: Properties) -> Live | None:
        """As the API answers."""
        found = aws.find(self.service, f"get_{self.operation}", self.absent, **self.keys(want))
        if found is None:
            return None
        told = found if self.found_in is None else found[self.found_in]
        return Live(self.shown(told), self.attributes(told))

    def create(self, aws: AwsSession, want: Properties, tags: Mapping[str, str]) -> None:
        """With its tags, where it takes any."""
        forms: dict[str | None, dict[str, Any]] = {
            "map": {"Tags": dict(tags)},
            "list": {"Tags": tag_list(tags)},
            None: {},
        }
        aws.call(self.service, f"create_{self.operation}", **self.parameters(want), **forms[self.tags_as])

    def update(self, aws: AwsSession, want: Properties, live: Live, changed: frozenset[str]) -> None:
        """Whole."""
        aws.call(self.service, f"update_{self.operation}", **self.parameters(want))

    def delete(self, aws: AwsSession, want: Properties, live: Live) -> None:
        """By its name."""
        aws.call(self.service, f"delete_{self.operation}", **self.keys(want))

    def keys(self, want: Properties) -> dict[str, Any]:
        """The parameters that say which one is meant."""
        return {parameter: want[name] for name, parameter in self.key.items() if name in want}

    def parameters(self, want: Properties) -> dict[str, Any]:
        """The parameters of create and update."""
        return dict(want)

    def shown(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The live properties."""
        return dict(told)

    def attributes(self, told: Mapping[str, Any]) -> dict[str, str]:
        """What only AWS knows."""
        return {"Arn": told["Arn"]} if "Arn" in told else {}
