"""docs/permissions.md: every permission of every role, what needs it, and how its removal is noticed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lakeshift.permissions import Role
from lakeshift.permissions.elements import Element, elements
from tests.local.permissions.calling import checked_by
from tests.local.permissions.needed import local_values, needed, read_recorded, recorded_calls

__all__ = ["page_text"]

_HEAD = """\
# Permissions

Made by `make permissions` from the definitions; `make check` fails where it is old. The roles are in
`infra/identity.yaml`, the reasons in `docs/adr/0018-permissions.md`.

{roles} roles hold {total} single permissions: one action on one resource, and where a condition limits it, one of its
values. For each, `tests/local/permissions` makes a call that needs it on an emulator that enforces policies (MiniStack,
`AUTH=true`): with the whole policy the call passes, and with that one permission taken away it is refused.

* **needed by**: *recorded* where a run of the sample's job made such a call (`make record-calls`, {recorded} of them);
  otherwise the page that says that the service makes it. What no local run can show (network interfaces, log streams,
  metrics, uploads in parts) rests on these pages.
* **asked by**: *call*, a real request with the role's credentials ({called}); *evaluator*, the emulator's policy
  evaluator asked directly ({evaluated}), for services it does not have (Redshift, DataSync), resources it does not tell
  apart (a table beside its database), and condition keys that it takes from no request.

`${{Lake}}`, `${{Region}}` and `${{AccountId}}` are the stage's.
"""


def page_text(roles: Iterable[Role]) -> str:
    """The page."""
    values, recorded = local_values(), read_recorded()
    lines: list[str] = []
    counts = {"roles": 0, "total": 0, "recorded": 0, "called": 0, "evaluated": 0}
    for role in roles:
        calls = recorded_calls(role, recorded)
        lines += ["", f"## {role.logical_id}", ""]
        lines += [f"For {', '.join(role.users)}; taken by `{role.service}.amazonaws.com`.", ""]
        lines += ["| action | resource | needed by | asked by |", "|---|---|---|---|"]
        counts["roles"] += 1
        for one in elements(role.grants):
            call = needed(one, calls, values)
            asked = checked_by(call.action, call.resource)
            counts["total"] += 1
            counts["recorded"] += call in calls
            counts["called" if asked == "call" else "evaluated"] += 1
            why = "recorded" if call in calls else f"[page]({one.grant.why})"
            lines.append(f"| {one.action} | {'<br>'.join(_resource(one))} | {why} | {asked} |")
    return _HEAD.format(**counts) + "\n".join(lines) + "\n"


def _resource(one: Element) -> Iterator[str]:
    yield f"`{one.grant.resource}`"
    if one.grant.condition is not None:
        operator, key, _ = one.grant.condition
        yield f"{operator} {key} `{one.value}`"
