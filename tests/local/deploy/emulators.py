"""What the emulators that the deploy tool is proven against cannot do, by name and with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lakeshift.definitions import TYPES

__all__ = ["LOCAL", "MINISTACK", "Emulator"]


@dataclass(frozen=True)
class Emulator:
    """``absent``: types it does not have; ``unchanged``: parameters it takes on creation only; ``read_back``: fields
    that it shows otherwise than they were written, by logical id; ``untagged``: logical ids whose tags it drops when
    they are made. Each with its reason."""

    name: str
    absent: Mapping[str, str]
    unchanged: Mapping[str, str] = field(default_factory=dict)
    read_back: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    untagged: Mapping[str, str] = field(default_factory=dict)

    def expected_differences(self) -> set[str]:
        """``Logical.Property`` of every field that is known to read back otherwise."""
        return {f"{name}.{path}" for name, fields in self.read_back.items() for path in fields}


def _of(service: str) -> list[str]:
    return [name for name in TYPES if name.startswith(f"AWS::{service}")]


LOCAL: Final = Emulator("local AWS", absent={})
MINISTACK: Final = Emulator(
    "MiniStack",
    absent={
        **dict.fromkeys(_of("Redshift"), "MiniStack has no Redshift"),
        **dict.fromkeys(_of("DataSync"), "MiniStack has no DataSync"),
        "AWS::Glue::DataQualityRuleset": "MiniStack has no CreateDataQualityRuleset",
    },
    unchanged={"Second": "MiniStack has neither UpdateConnection nor UpdateClassifier"},
    untagged={name: f"MiniStack's Create{name} drops Tags" for name in ("Connection", "Crawler", "Job")},
)
