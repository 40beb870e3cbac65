"""What a bucket's rules do to one version of an object at a moment. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lakeshift.local.s3.lifecycle_rules import COLDER, Rule, Transition

__all__ = ["EXPIRE", "SMALL", "Due", "due_at", "of_current", "of_marker", "of_noncurrent", "passing"]

EXPIRE: Final = "EXPIRE"
SMALL: Final = 128 * 1024  # bytes; what is smaller is transitioned only where the configuration says so
_GLACIER: Final = ("GLACIER", "DEEP_ARCHIVE")


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done (a storage class, or EXPIRE) and by which rule."""

    action: str
    rule: str


def due_at(start: datetime, days: int) -> datetime:
    """``days`` after ``start``, rounded to the next midnight UTC."""
    moment = start + timedelta(days=days)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def _passed(days: int | None, date: datetime | None, start: datetime, now: datetime) -> bool:
    if date is not None:
        return now >= date
    return days is not None and now >= due_at(start, days)


def of_current(
    rules: Iterable[Rule], storage_class: str, size: int, created: datetime, now: datetime, small: str
) -> Due | None:
    """For the current version, by rules whose filter it passes; ``small`` is TransitionDefaultMinimumObjectSize."""
    rules = list(rules)
    for rule in rules:
        if _passed(rule.expire_days, rule.expire_date, created, now):
            return Due(EXPIRE, rule.id)
    due = [
        (one, rule)
        for rule in rules
        for one in rule.transitions
        if _passed(one.days, one.date, created, now) and _goes(one, rule, storage_class, size, small)
    ]
    return _coldest(due)


def of_noncurrent(
    rules: Iterable[Rule], storage_class: str, size: int, since: datetime, newer: int, now: datetime, small: str
) -> Due | None:
    """For a version that is noncurrent ``since`` then; ``newer`` noncurrent ones are newer than it."""
    rules = list(rules)
    for rule in rules:
        days = rule.noncurrent_days
        if days is not None and now >= due_at(since, days) and newer >= rule.noncurrent_newer:
            return Due(EXPIRE, rule.id)
    due = [
        (one, rule)
        for rule in rules
        for one in rule.noncurrent
        if newer >= one.newer and _passed(one.days, None, since, now) and _goes(one, rule, storage_class, size, small)
    ]
    return _coldest(due)


def of_marker(rules: Iterable[Rule], created: datetime, now: datetime) -> Due | None:
    """For a delete marker that is all there is of an object: an expired object delete marker."""
    for rule in rules:
        if rule.expire_markers or _passed(rule.expire_days, rule.expire_date, created, now):
            return Due(EXPIRE, rule.id)
    return None


def _goes(one: Transition, rule: Rule, storage_class: str, size: int, small: str) -> bool:
    if COLDER.index(one.storage_class) <= COLDER.index(storage_class):
        return False
    if size >= SMALL or rule.larger is not None or rule.smaller is not None:
        return True
    return small == "varies_by_storage_class" and one.storage_class in _GLACIER


def _coldest(due: Sequence[tuple[Transition, Rule]]) -> Due | None:
    if not due:
        return None
    one, rule = max(due, key=lambda pair: COLDER.index(pair[0].storage_class))
    return Due(one.storage_class, rule.id)


def passing(rules: Iterable[Rule], key: str, size: int, tags: Mapping[str, str] | None) -> list[Rule]:
    """Enabled rules whose filter lets an object pass; ``tags`` is None where no rule asks for them."""
    return [
        rule
        for rule in rules
        if rule.enabled and rule.covers(key, size) and all((tags or {}).get(name) == value for name, value in rule.tags)
    ]
