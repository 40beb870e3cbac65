"""What a crawl does to a catalog that already holds something: the schema change policies.

See https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshift.crawler.options import CrawlOptions
from lakeshift.crawler.plan import CatalogTable, PartitionPlan, TablePlan

__all__ = ["changed_table", "gone_tables", "new_table", "partition_changes"]

_DEPRECATED: Final = "DEPRECATED_BY_CRAWLER"
_GONE: Final = "its data is gone: marked DEPRECATED_BY_CRAWLER"
_RUN_ONLY: Final = ("CRAWL_RUN_ID", _DEPRECATED)  # differ from run to run; no change by themselves
_COMPARED: Final = ("StorageDescriptor", "PartitionKeys", "TableType", "Parameters", "Owner", "Retention")
_LAYOUT: Final = ("classification", "compressionType", "delimiter")

Input = Mapping[str, Any]


def new_table(built: Input, partitions: tuple[PartitionPlan, ...], options: CrawlOptions) -> TablePlan:
    """A table the catalog does not hold."""
    indexed = bool(built["PartitionKeys"]) and options.partition_index
    return TablePlan("ADD", built["Name"], _location(built), built, partitions, "not in the catalog yet", index=indexed)


def changed_table(
    built: Input, held: CatalogTable, partitions: tuple[PartitionPlan, ...], options: CrawlOptions
) -> TablePlan:
    """A table the catalog holds at that location: updated, merged or left, as the policy says."""
    if options.update == "LOG":
        return TablePlan("KEEP", built["Name"], _location(built), {}, partitions, "UpdateBehavior is LOG")
    if options.merge_new_columns:
        built = _with_new_columns(built, held.table, options)
    if _same(built, held.table):
        return TablePlan("KEEP", built["Name"], _location(built), {}, partitions, "nothing changed")
    return TablePlan("UPDATE", built["Name"], _location(built), built, partitions, _difference(built, held.table))


def partition_changes(
    wanted: Mapping[tuple[str, ...], Input], held: Mapping[tuple[str, ...], Input], options: CrawlOptions
) -> tuple[PartitionPlan, ...]:
    """Partitions to add, update and delete, in the order of their values."""
    plans = []
    for values, built in wanted.items():
        before = held.get(values)
        if before is None:
            plans.append(PartitionPlan("ADD", values, built))
        elif options.update == "LOG" or _same(built, before):
            plans.append(PartitionPlan("KEEP", values, {}))
        else:
            plans.append(PartitionPlan("UPDATE", values, built))
    gone = [values for values in held if values not in wanted]
    if options.delete == "DELETE_FROM_DATABASE":
        plans += [PartitionPlan("DELETE", values, {}) for values in sorted(gone)]
    return tuple(plans)


def gone_tables(held: Mapping[str, CatalogTable], found: set[str], options: CrawlOptions) -> list[TablePlan]:
    """Tables this crawler made whose data it no longer finds: deleted, deprecated or left, as the policy says."""
    plans = []
    for name, known in held.items():
        parameters = known.table.get("Parameters") or {}
        if name in found or parameters.get("UPDATED_BY_CRAWLER") != options.crawler:
            continue
        where = _location(known.table)
        if options.delete == "DELETE_FROM_DATABASE":
            plans.append(TablePlan("DELETE", name, where, {}, (), "its data is gone"))
        elif options.delete == "DEPRECATE_IN_DATABASE" and _DEPRECATED not in parameters:
            plans.append(TablePlan("UPDATE", name, where, _deprecated(known.table, options), (), _GONE))
        else:
            plans.append(TablePlan("KEEP", name, where, {}, (), f"its data is gone; {options.delete}"))
    return plans


def _deprecated(table: Input, options: CrawlOptions) -> dict[str, Any]:
    """The table as an input that marks it deprecated, at the crawl's time in epoch milliseconds."""
    kept = {key: table[key] for key in ("Name", *_COMPARED) if key in table}
    return {**kept, "Parameters": {**(table.get("Parameters") or {}), _DEPRECATED: str(options.now_millis)}}


def _with_new_columns(built: Input, held: Input, options: CrawlOptions) -> dict[str, Any]:
    """MergeNewColumns: what is held stays, new columns follow; another format deprecates the table."""
    mine, theirs = built["Parameters"], held.get("Parameters") or {}
    if any(mine.get(key) != theirs.get(key) for key in _LAYOUT):
        return _deprecated(held, options)
    columns = list(held["StorageDescriptor"].get("Columns", []))
    known = {column["Name"] for column in columns}
    columns += [column for column in built["StorageDescriptor"]["Columns"] if column["Name"] not in known]
    parameters = {**theirs, **mine}
    storage = {**built["StorageDescriptor"], "Columns": columns, "Parameters": parameters}
    return {**built, "StorageDescriptor": storage, "Parameters": parameters}


def _same(built: Input, held: Input) -> bool:
    if (_DEPRECATED in built["Parameters"]) != (_DEPRECATED in (held.get("Parameters") or {})):
        return False
    return all(_plain(built.get(key)) == _plain(held.get(key)) for key in _COMPARED if key in built)


def _plain(value: Any) -> Any:
    """Without what differs from run to run."""
    if not isinstance(value, Mapping):
        return value
    kept = {key: item for key, item in value.items() if key not in _RUN_ONLY}
    if "Parameters" in kept:
        kept["Parameters"] = _plain(kept["Parameters"])
    return kept


def _difference(built: Input, held: Input) -> str:
    before = {column["Name"]: column.get("Type") for column in held.get("StorageDescriptor", {}).get("Columns", [])}
    after = {column["Name"]: column.get("Type") for column in built["StorageDescriptor"]["Columns"]}
    told = [f"adds {name} {kind}" for name, kind in after.items() if name not in before]
    told += [f"removes {name}" for name in before if name not in after]
    told += [f"{name}: {before[name]} to {kind}" for name, kind in after.items() if before.get(name, kind) != kind]
    return "; ".join(told) or _changed_parameters(built, held)


def _changed_parameters(built: Input, held: Input) -> str:
    before, after = held.get("Parameters") or {}, built["Parameters"]
    names = [name for name in sorted({*before, *after} - {*_RUN_ONLY}) if before.get(name) != after.get(name)]
    return f"its parameters changed: {', '.join(names)}" if names else "its definition changed"


def _location(table: Input) -> str:
    return str((table.get("StorageDescriptor") or {}).get("Location", ""))
