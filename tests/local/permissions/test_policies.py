"""Every role on an enforcing emulator: what it needs passes, and each permission that is taken away is missed.

Needed is what a job was recorded to call, and what AWS's documentation says that the service calls for it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lakeshift.paths import REPOSITORY
from lakeshift.permissions import Role
from lakeshift.permissions.elements import Call, Element, concrete, elements, matches
from tests.local.permissions.calling import Emulator
from tests.local.permissions.needed import needed, recorded_calls
from tools.permissions import derived

ROLES = derived(REPOSITORY)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.logical_id)
def test_needed_calls_pass_and_every_removed_permission_is_missed(
    role: Role, emulator: Emulator, values: Mapping[str, str], recorded: Mapping[str, list[str]]
) -> None:
    held = elements(role.grants)
    calls = [needed(element, recorded_calls(role, recorded), values) for element in held]
    refused = [call for call, passed in zip(calls, emulator.allowed(held, calls, values), strict=True) if not passed]
    assert refused == []
    unnoticed = [
        call
        for number, call in enumerate(calls)
        if emulator.allowed([*held[:number], *held[number + 1 :]], [call], values) != [False]
    ]
    assert unnoticed == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.logical_id)
def test_every_recorded_call_passes(
    role: Role, emulator: Emulator, values: Mapping[str, str], recorded: Mapping[str, list[str]]
) -> None:
    calls = recorded_calls(role, recorded)
    refused = [
        call
        for call, passed in zip(calls, emulator.allowed(elements(role.grants), calls, values), strict=True)
        if not passed
    ]
    assert refused == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.logical_id)
def test_a_neighbour_of_what_it_needs_is_refused(role: Role, emulator: Emulator, values: Mapping[str, str]) -> None:
    """The same action on another name, of the kind that a too wide pattern would let through."""
    held = elements(role.grants)
    names = [_beside(element, values) for element in held if element.grant.resource != "*"]
    beside = [call for call in names if not any(matches(element, call, values) for element in held)]
    assert [call for call, passed in zip(beside, emulator.allowed(held, beside, values), strict=True) if passed] == []


def _beside(element: Element, values: Mapping[str, str]) -> Call:
    """A call whose resource, or listed prefix, has another last letter before what is left open."""
    call = element.call(values)
    if call.prefix is not None and element.value is not None:
        return Call(call.action, call.resource, f"{element.value.partition('*')[0][:-1]}zx")
    return Call(call.action, f"{concrete(element.grant.resource, values).partition('*')[0][:-1]}zx")
