"""Partition projection: partitions told by the table's properties, not kept in the catalog.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lakeshift.local.athena.failures import QueryError, refused

__all__ = ["is_projected", "projected"]

_UNITS: Final = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86_400, "WEEKS": 604_800}
_MOST: Final = 100_000
_FORMAT: Final = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"), ("'T'", "T"))


def is_projected(table: dict[str, Any]) -> bool:
    """Whether the table's partitions are projected."""
    return str(table.get("Parameters", {}).get("projection.enabled", "")).lower() == "true"


def projected(table: dict[str, Any]) -> list[tuple[list[str], str]]:
    """Values and location of every partition the properties tell of."""
    parameters = table["Parameters"]
    keys = [key["Name"] for key in table["PartitionKeys"]]
    location = str(table["StorageDescriptor"]["Location"]).rstrip("/")
    template = parameters.get("storage.location.template") or "/".join([location, *(f"{k}=${{{k}}}" for k in keys)])
    values = [_values(key, parameters) for key in keys]
    found = []
    for combination in itertools.islice(itertools.product(*values), _MOST + 1):
        place = template
        for key, value in zip(keys, combination, strict=True):
            place = place.replace(f"${{{key}}}", value)
        found.append((list(combination), place))
    if len(found) > _MOST:
        raise QueryError(f"HIVE_PARTITION_LIMIT: partition projection tells of more than {_MOST} partitions")
    return found


def _values(key: str, parameters: dict[str, str]) -> list[str]:
    kind = parameters.get(f"projection.{key}.type", "").lower()
    if kind == "enum":
        return [value.strip() for value in _need(key, "values", parameters).split(",")]
    if kind == "integer":
        return _integers(key, parameters)
    if kind == "date":
        return _dates(key, parameters)
    if kind == "injected":
        raise refused("Partition projection of the type injected", "Use enum, integer or date, or add the partitions.")
    raise QueryError(f"INVALID_TABLE_PROPERTY: projection.{key}.type is missing or not valid")


def _need(key: str, name: str, parameters: dict[str, str]) -> str:
    value = parameters.get(f"projection.{key}.{name}")
    if not value:
        raise QueryError(f"INVALID_TABLE_PROPERTY: projection.{key}.{name} is missing")
    return value


def _integers(key: str, parameters: dict[str, str]) -> list[str]:
    first, last = map(int, _need(key, "range", parameters).split(","))
    step = int(parameters.get(f"projection.{key}.interval", "1"))
    digits = int(parameters.get(f"projection.{key}.digits", "0"))
    return [str(number).zfill(digits) for number in range(first, last + 1, step)]


def _dates(key: str, parameters: dict[str, str]) -> list[str]:
    pattern = _need(key, "format", parameters)
    for java, python in _FORMAT:
        pattern = pattern.replace(java, python)
    if re.search(r"[A-SU-Za-z](?<!%.)", pattern):
        raise refused(f"The date format {parameters[f'projection.{key}.format']}", "Use yyyy, MM, dd, HH, mm and ss.")
    ends = [_moment(text.strip(), pattern) for text in _need(key, "range", parameters).split(",")]
    unit = parameters.get(f"projection.{key}.interval.unit", "DAYS").upper()
    if unit not in _UNITS:
        raise refused(f"The interval unit {unit}", "Use DAYS, HOURS, MINUTES, SECONDS or WEEKS.")
    step = timedelta(seconds=_UNITS[unit] * int(parameters.get(f"projection.{key}.interval", "1")))
    found: list[str] = []
    moment = ends[0]
    while moment <= ends[-1] and len(found) <= _MOST:
        found.append(moment.strftime(pattern))
        moment += step
    return list(dict.fromkeys(found))


def _moment(text: str, pattern: str) -> datetime:
    now = re.fullmatch(r"NOW\s*(?:([+-])\s*(\d+)\s*(\w+?)S?)?", text, re.IGNORECASE)
    if now is None:
        return datetime.strptime(text, pattern)
    moment = datetime.now(UTC).replace(tzinfo=None)
    if now[1]:
        days = {"YEAR": 365, "MONTH": 30}.get(now[3].upper())
        seconds = days * 86_400 if days else _UNITS.get(f"{now[3].upper()}S", 86_400)
        moment += timedelta(seconds=seconds * int(now[2])) * (1 if now[1] == "+" else -1)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) if "%H" not in pattern else moment
