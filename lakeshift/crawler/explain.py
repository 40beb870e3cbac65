"""A plan told to a reader: what was read, why it was grouped as it was, what would change, what will bite later.

Takes the plan as its JSON document has it, so that a plan that came over the wire is told like one made here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

__all__ = ["explain"]

Document = Mapping[str, Any]
_SIGNS: Final = {"ADD": "+", "UPDATE": "~", "DELETE": "-", "KEEP": "="}
_VERBS: Final = {"ADD": "add", "UPDATE": "update", "DELETE": "delete"}
_SHOWN: Final = 12  # objects or partitions of one kind; the rest is counted


def explain(plan: Document) -> str:
    """The text of ``CrawlPlan.to_json``'s document."""
    parts = [*_files(plan["files"]), *_decisions(plan["decisions"]), *_tables(plan), *_advice(plan["advice"])]
    parts += ["", f"FAILS: {plan['failure']}" if plan["failure"] else _sum(plan)]
    return "\n".join(parts).lstrip("\n") + "\n"


def _files(files: Sequence[Document]) -> Iterator[str]:
    yield f"Objects read: {len(files)}"
    for folder, group in groupby(files, key=lambda file: str(file["path"]).rpartition("/")[0]):
        inside = list(group)
        yield f"  {folder}/"
        before = ""
        for file in inside[:_SHOWN]:
            name = str(file["path"]).rpartition("/")[2]
            yield f"    {name}: {_kind(file)}, {_counted(file['records'], 'record')}, {file['size']} bytes"
            if file["columns"] != before:
                yield f"      {file['columns'] or 'no columns'}"
            before = file["columns"]
        if len(inside) > _SHOWN:
            yield f"    and {len(inside) - _SHOWN} more"


def _kind(file: Document) -> str:
    packed = "" if file["compression"] == "none" else f" ({file['compression']})"
    if file["classifier"] == "none":
        return f"UNKNOWN{packed}, no classifier"
    by = "" if file["classifier"] == file["classification"] else f" by classifier {file['classifier']}"
    return f"{file['classification']}{packed}{by}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)


def _decisions(decisions: Sequence[Document]) -> Iterator[str]:
    if decisions:
        yield from ("", "Why the folders became what they became")
    for decision in decisions:
        yield f"  {decision['path']}: {decision['text']}"


def _tables(plan: Document) -> Iterator[str]:
    if plan["tables"]:
        yield from ("", "Against the catalog")
    for table in plan["tables"]:
        database = f"{table['database']}." if table.get("database") else ""
        yield f"  {_SIGNS[table['action']]} {database}{table['name']} at {table['location']}: {table['because']}"
        if table["action"] in ("ADD", "UPDATE") and table["input"]:
            yield from _definition(table["input"])
        yield from _partitions(table["partitions"])
    for write in plan.get("writes") or ():
        yield f"  + object s3://{write['bucket']}/{write['key']}"


def _definition(given: Document) -> Iterator[str]:
    columns = given["StorageDescriptor"]["Columns"]
    yield "      " + ", ".join(f"{column['Name']} {column['Type']}" for column in columns)
    if given.get("PartitionKeys"):
        keys = ", ".join(f"{key['Name']} {key['Type']}" for key in given["PartitionKeys"])
        yield f"      partitioned by {keys}"


def _partitions(partitions: Sequence[Document]) -> Iterator[str]:
    for action in ("ADD", "UPDATE", "DELETE", "KEEP"):
        mine = ["/".join(part["values"]) for part in partitions if part["action"] == action]
        if mine:
            shown = ", ".join(mine[:_SHOWN])
            more = f" and {len(mine) - _SHOWN} more" if len(mine) > _SHOWN else ""
            yield f"      {_SIGNS[action]} {_counted(len(mine), 'partition')}: {shown}{more}"


def _advice(advice: Sequence[Document]) -> Iterator[str]:
    if advice:
        yield from ("", "What will bite later")
    for one in advice:
        yield f"  {one['code']} at {one['where']}: {one['text']}"
        yield f"      {one['fix']}"


def _sum(plan: Document) -> str:
    told = []
    for kind, actions in (
        ("tables", [table["action"] for table in plan["tables"]]),
        ("partitions", [part["action"] for table in plan["tables"] for part in table["partitions"]]),
    ):
        counts = [f"{actions.count(action)} to {verb}" for action, verb in _VERBS.items() if action in actions]
        told.append(f"{kind}: {', '.join(counts) if counts else 'none to change'}")
    return "; ".join(told).capitalize() + "."
