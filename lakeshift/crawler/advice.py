"""What a crawl shows that will bite later, and the way out of each. Advice only: the tables stay as AWS makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeshift.crawler.grouping import Unit
from lakeshift.crawler.inputs import partition_keys
from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import Advice
from lakeshift.crawler.targets import Target
from lakeshift.crawler.types import render

__all__ = ["advise", "advise_denied"]

_MANY: Final = 50  # tables from one include path that nobody meant
_NAMED: Final = 3  # partitions named for one table
_SHOWN: Final = 20  # objects named for one code; the rest is counted

_FIXES: Final = {
    "damaged-json": "Mend or move the object: the records after the damage are not in the schema or the statistics.",
    "top-level-array": "Attach a JSON classifier with the path $[*], or write one object a line.",
    "pretty-printed-json": "Write one object a line: Athena's JSON SerDe cannot read records that span lines.",
    "duplicate-column": "Rename one of the keys: the catalog folds names to lower case.",
    "header-lost": "Attach a CSV classifier with ContainsHeader PRESENT.",
    "quoted-csv": "Attach a CSV classifier with Serde OpenCSVSerDe.",
    "leading-zeros": "Attach a CSV classifier with CustomDatatypes, string for that column.",
    "byte-order-mark": "Write UTF-8 without the mark: Athena shows it as part of the first name or value.",
    "truncated-archive": "Send the object again: what follows the cut is in nobody's rows.",
    "unreadable": "Exclude the object, or attach a custom classifier for it.",
}


def advise(units: Sequence[tuple[Target, Unit]], options: CrawlOptions) -> tuple[Advice, ...]:
    """All advice on the tables of a crawl, in the order of their paths."""
    found: list[Advice] = []
    count: dict[str, int] = {}
    for target, unit in units:
        found += _of_files(target, unit)
        found += _of_partitions(target, unit, options)
        count[target.path] = count.get(target.path, 0) + 1
    found += [_not_excluded(target) for target in dict.fromkeys(target for target, _ in units) if target.exclusions]
    for path, tables in count.items():
        if tables > _MANY:
            text = f"{tables} tables from one include path"
            fix = "Set TableGroupingPolicy or TableLevelConfiguration; TableThreshold stops a crawl that goes too far."
            found.append(Advice("too-many-tables", path, text, fix))
    return tuple(found)


def advise_denied(urls: Sequence[str]) -> tuple[Advice, ...]:
    """Objects that the crawler's role may not read: they are in no table, and AWS says no more than this."""
    fix = "Allow s3:GetObject on it for the crawler's role, or exclude it."
    found = [Advice("access-denied", url, "Access Denied: the object was not read", fix) for url in urls[:_SHOWN]]
    if len(urls) > _SHOWN:
        more = f"and {len(urls) - _SHOWN} more objects. Not all read errors will be logged"
        found.append(Advice("access-denied", urls[_SHOWN], more, fix))
    return tuple(found)


def _of_files(target: Target, unit: Unit) -> list[Advice]:
    found: list[Advice] = []
    count: dict[str, int] = {}
    for _, files in unit.leaves:
        for file in files:
            for note in file.reading.notes:
                count[note.code] = count.get(note.code, 0) + 1
                if count[note.code] <= _SHOWN:
                    where = f"s3://{target.bucket}/{file.info.key}"
                    found.append(Advice(note.code, where, note.text, _FIXES[note.code]))
    for code, number in count.items():
        if number > _SHOWN:
            more = f"and {number - _SHOWN} more objects"
            found.append(Advice(code, f"s3://{target.bucket}/{unit.path}", more, _FIXES[code]))
    return found


def _not_excluded(target: Target) -> Advice:
    patterns = ", ".join(target.exclusions)
    text = f"the crawler leaves out {patterns}; Athena and Spark read every object of the table's location all the same"
    fix = "Move what is excluded to another prefix."
    return Advice("exclusions-are-not-read-by-athena", target.path, text, fix)


def _of_partitions(target: Target, unit: Unit, options: CrawlOptions) -> list[Advice]:
    where = f"s3://{target.bucket}/{unit.path}"
    found = []
    names = {column.name for column in unit.schema}
    for key in partition_keys(unit):
        if key in names:
            text = f"the partition key {key} is a column too"
            found.append(Advice("duplicate-column", where, text, "Rename the folder's key or the column."))
    if unit.levels and not options.inherit:
        found += _mismatches(where, unit)
    return found


def _mismatches(where: str, unit: Unit) -> list[Advice]:
    table = {column.name: render(column.type) for column in unit.schema}
    odd: dict[str, str] = {}
    partitions: list[str] = []
    seen: dict[int, bool] = {}
    for folders, files in unit.leaves:
        schemas = {id(file.reading.columns): file.reading.columns for file in files}
        for key, schema in schemas.items():
            if key not in seen:
                other = {one.name: render(one.type) for one in schema if render(one.type) != table[one.name]}
                seen[key] = bool(other)
                odd = {**other, **odd}
        if any(seen[key] for key in schemas):
            partitions.append("/".join(folders))
    if not odd:
        return []
    told = ", ".join(f"{name} {kind} against {table[name]}" for name, kind in odd.items())
    named = ", ".join(partitions[:_NAMED]) + (f" and {len(partitions) - _NAMED} more" * (len(partitions) > _NAMED))
    text = f"partitions hold columns of another type than the table: {told} (in {named})"
    fix = 'Set CrawlerOutput.Partitions.AddOrUpdateBehavior to "InheritFromTable", else HIVE_PARTITION_SCHEMA_MISMATCH.'
    return [Advice("partition-schema-mismatch", where, text, fix)]
