"""Lifecycle rules and restores carried out by the one clock: each midnight UTC, and when a restore is due.

What one move of the clock sets off is done once, for the new time: an object that would have gone to one class and
then to a colder one goes to the colder one.
"""

from __future__ import annotations

import functools
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, Final

from lakeshift.lake import ObjectInfo
from lakeshift.local import clock
from lakeshift.local.clock_follower import ClockFollower
from lakeshift.local.s3 import lifecycle_due
from lakeshift.local.s3.ledger import Row
from lakeshift.local.s3.lifecycle_due import EXPIRE, Due
from lakeshift.local.s3.lifecycle_rules import Rule
from lakeshift.local.s3.objects import ARCHIVED_CLASSES, FileKey, facts_of, marker_moment
from lakeshift.local.s3.restores import Restores

__all__ = ["Sweeper", "sweep_bucket"]

_LOG: Final = logging.getLogger(__name__)
_CHUNK: Final = 1_000
_REMEMBERED: Final = 1_000  # lines

Sizes = dict[str, tuple[int, int]]  # storage class → objects, bytes
Measure = Callable[[str, Sizes], None]
Tell = Callable[[Any, str, str, dict[str, Any]], None]  # bucket, key, detail type, more detail


def created_of(stamp_mtime_ns: int) -> datetime:
    """When a file was written, by the one clock."""
    return clock.at(stamp_mtime_ns / 1e9)


class Sweeper(ClockFollower):
    """A thread that waits for the next midnight or restore; ``catch_up`` does at once what is due."""

    def __init__(
        self,
        buckets: Callable[[], Iterable[Any]],
        restores: Restores,
        tell: Tell,
        measure: Measure,
    ) -> None:
        self._buckets, self._restores, self._tell, self._measure = buckets, restores, tell, measure
        self._swept = clock.now()
        super().__init__("lifecycle")

    def _follow(self) -> None:
        while not self._stopped:
            seen = self._restores.next()
            due = min(filter(None, (_midnight_after(self._swept), seen)))
            if clock.wait_until(due, functools.partial(self._has_news, seen)):
                try:
                    self.catch_up()
                except Exception:  # tried again at the next midnight
                    _LOG.exception("The lifecycle of the buckets was not carried out")
                    self._swept = clock.now()

    def _has_news(self, seen: datetime | None) -> bool:
        return self._stopped or self._restores.next() != seen

    def catch_up(self) -> None:
        """Carry out what is due now."""
        with self._lock:
            now = clock.now()
            lines = list(self._settle_restores(now.timestamp()))
            if now >= _midnight_after(self._swept):
                for bucket in list(self._buckets()):
                    told, sizes = sweep_bucket(bucket, now, self._tell)
                    lines += told
                    self._measure(bucket.name, sizes)
                self._swept = now
            self._told = [*self._told, *((time.monotonic(), line) for line in lines)][-_REMEMBERED:]

    def _settle_restores(self, now: float) -> Iterator[str]:
        buckets = {bucket.name: bucket for bucket in self._buckets()}
        counts: Counter[tuple[str, str]] = Counter()
        for one in self._restores.due(now):
            bucket = buckets.get(one.bucket)
            over = one.expires <= now
            if bucket is not None and over:
                bucket.keys.drop_restored(one.key, one.stamp)
                self._tell(bucket, one.key, "Object Restore Expired", {})
            elif bucket is not None:
                bucket.keys.put_restored(one.key, one.stamp)
                expiry = f"{datetime.fromtimestamp(one.expires, UTC):%Y-%m-%dT%H:%M:%SZ}"
                self._tell(bucket, one.key, "Object Restore Completed", {"restore-expiry-time": expiry})
            counts[one.bucket, "expired" if over else "restored"] += 1
            self._restores.finished(one, now)
        for (name, what), count in sorted(counts.items()):
            text = "restored copies have expired" if what == "expired" else "objects are restored"
            yield f"s3 {name}: {count} {text}"


def _midnight_after(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def sweep_bucket(bucket: Any, now: datetime, tell: Tell) -> tuple[list[str], Sizes]:
    """Do what the bucket's rules ask for at ``now``; a line for each rule and action, and what is kept by class."""
    rules: list[Rule] = [rule for rule in bucket.lifecycle_rules if rule.enabled]
    done: Counter[tuple[str, str]] = Counter()
    sizes: Sizes = {}
    if rules:
        bucket.keys.settle()
    listed = list(bucket.lake.list(bucket.name))
    for start in range(0, len(listed), _CHUNK):
        _current(bucket, rules, listed[start : start + _CHUNK], now, done, tell, sizes)
    if rules:
        if bucket.versioning_status is not None:
            _versions(bucket, rules, now, done, tell)
        _uploads(bucket, rules, now, done)
    told = [f"s3 {bucket.name}: {count} {what} by the rule {rule}" for (rule, what), count in sorted(done.items())]
    return told, sizes


def _current(
    bucket: Any, rules: list[Rule], chunk: list[ObjectInfo], now: datetime, done: Counter[Any], tell: Tell, sizes: Sizes
) -> None:
    due: dict[str, Due] = {}
    left: list[ObjectInfo] = []
    for info, facts in bucket.keys.classed(chunk):
        storage_class = str(facts.get("_storage_class") or "STANDARD")
        if storage_class in ARCHIVED_CLASSES and not info.archived:
            left.append(info)
        found = _due(bucket, rules, info, storage_class, now)
        if found is not None:
            due[info.key] = found
        if found is None or found.action != EXPIRE:
            stored = storage_class if found is None else found.action
            count, size = sizes.get(stored, (0, 0))
            sizes[stored] = count + 1, size + info.size
    bucket.keys.archive_left(bucket.keys.page(left))
    _carry_out(bucket, bucket.keys.page([info for info in chunk if info.key in due]), due, done, tell)


def _due(bucket: Any, rules: list[Rule], info: ObjectInfo, storage_class: str, now: datetime) -> Due | None:
    covering = [rule for rule in rules if rule.covers(info.key, info.size)]
    if not covering:
        return None
    if any(rule.tags for rule in covering):
        (key,) = bucket.keys.page([info])
        covering = lifecycle_due.passing(covering, info.key, info.size, bucket.tags_of(key))
    created = created_of(info.mtime_ns)
    return lifecycle_due.of_current(covering, storage_class, info.size, created, now, bucket.transition_minimum)


def _carry_out(bucket: Any, keys: list[FileKey], due: dict[str, Due], done: Counter[Any], tell: Tell) -> None:
    moves = [(key, due[key.name].action) for key in keys]
    bucket.keys.transition_all([move for move in moves if move[1] != EXPIRE])
    for key, action in moves:
        rule = due[key.name].rule
        if action == EXPIRE:
            bucket.expire(key.name)
            kind = "Delete Marker Created" if bucket.is_versioned else "Permanently Deleted"
            tell(bucket, key.name, "Object Deleted", {"reason": "Lifecycle Expiration", "deletion-type": kind})
            done[rule, "objects have expired"] += 1
        else:
            tell(bucket, key.name, "Object Storage Class Changed", {"destination-storage-class": action})
            done[rule, f"objects went to {action}"] += 1


def _versions(bucket: Any, rules: list[Rule], now: datetime, done: Counter[Any], tell: Tell) -> None:
    rows = bucket.ledger.all_rows(bucket.name)
    for name, found in groupby(rows, key=lambda row: row.key):
        versions = list(found)
        for place, (row, successor) in enumerate(pairwise(versions)):
            if row.marker:
                continue
            newer = len(versions) - place - 2
            _noncurrent(bucket, rules, row, _began(successor), newer, now, done, tell)
        left = bucket.ledger.rows(bucket.name, name)
        if len(left) == 1 and left[0].marker:
            passing = lifecycle_due.passing(rules, name, 0, None)
            due = lifecycle_due.of_marker([rule for rule in passing if not rule.tags], _began(left[0]), now)
            if due is not None:
                bucket.keys.remove_version(name, left[0].version_id)
                done[due.rule, "expired object delete markers were removed"] += 1


def _began(row: Row) -> datetime:
    if not row.marker:
        return created_of(row.stamp.mtime_ns)
    return clock.at(marker_moment(row).replace(tzinfo=UTC).timestamp())


def _noncurrent(
    bucket: Any, rules: list[Rule], row: Row, since: datetime, newer: int, now: datetime, done: Counter[Any], tell: Tell
) -> None:
    passing = lifecycle_due.passing(rules, row.key, row.stamp.size, bucket.tags_of_version(row, rules))
    storage_class = facts_of(row).get("_storage_class") or "STANDARD"
    due = lifecycle_due.of_noncurrent(
        passing, storage_class, row.stamp.size, since, newer, now, bucket.transition_minimum
    )
    if due is None or (due.action == EXPIRE and _is_locked(row, now)):
        return
    if due.action == EXPIRE:
        bucket.keys.remove_version(row.key, row.version_id)
        more = {"reason": "Lifecycle Expiration", "deletion-type": "Permanently Deleted", "version-id": row.version_id}
        tell(bucket, row.key, "Object Deleted", more)
        done[due.rule, "noncurrent versions have expired"] += 1
    else:
        bucket.keys.transition_row(row, due.action)
        done[due.rule, f"noncurrent versions went to {due.action}"] += 1


def _is_locked(row: Row, now: datetime) -> bool:
    """Object Lock keeps a version, whatever a rule says."""
    facts = facts_of(row)
    until = facts.get("lock_until")
    return facts.get("lock_legal_status") == "ON" or (until is not None and str(until) > f"{now:%Y-%m-%dT%H:%M:%SZ}")


def _uploads(bucket: Any, rules: list[Rule], now: datetime, done: Counter[Any]) -> None:
    for upload_id, upload in list(bucket.multiparts.items()):
        for rule in rules:
            days = rule.abort_days
            if days is not None and rule.covers(upload.key_name, 0) and now >= lifecycle_due.due_at(upload.begun, days):
                bucket.multiparts.pop(upload_id, None)
                done[rule.id, "abandoned multipart uploads were aborted"] += 1
                break
