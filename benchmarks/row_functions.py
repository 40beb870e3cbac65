"""Python Map and Filter against the way of pickled RDDs: the same library, the same functions, the same answers.

The peer is what `awsglue` does where an engine gives it an RDD of dicts: rows to dicts, pickled to and from a Python
worker, the library's wrapper around the function, the schema computed from the results, rows again. What is timed ends
in a sink that drops all columns of all rows; the answers are compared by a run of each before.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.glue_session import glue_context, wide_table
from benchmarks.harness import Claim, measure, scale

PEER = "the pickled RDD path"
CLAIMS = {
    "map": Claim("row_functions.map", "Map of a Python function, in seconds", 0.2, PEER),
    "filter": Claim("row_functions.filter", "Filter by a Python function, in seconds", 0.2, PEER),
}
CLAIM = CLAIMS["map"]


def change(record: Any) -> Any:
    """What a script's Map does: a new field of two others, one taken away."""
    record["route"] = record["s1"] + "-" + record["s2"]
    record["total"] = record["i1"] * 2 + 1
    del record["s2"]
    return record


def keeps(record: Any) -> Any:
    """What a script's Filter asks."""
    return record["i4"] % 3 != 0 and record["s1"] != "text-1"


def answer(data: Any) -> tuple[int, int]:
    """Rows and a checksum over every column but the two of integers that Glue's records hold as int or long by size."""
    columns = sorted(set(data.columns) - {"id", "l1"})
    row = data.selectExpr("count(*) n", f"sum(cast(hash({', '.join(columns)}) as long)) h").first()
    return row.n, row.h


def written(data: Any) -> None:
    """All columns of all rows, to a sink that drops them."""
    data.write.format("noop").mode("overwrite").save()


def pickled(glue: Any, frame: Any, wrapped: Callable[[Any], Any], take: Callable[[Any], Any]) -> Any:
    """The peer: records by a pickled RDD of dicts through ``wrapped``, then a DataFrame again."""
    data = frame.toDF()
    envelopes = data.rdd.map(lambda row: {"record": row.asDict(recursive=True)})
    kept = wrapped(envelopes).map(lambda envelope: envelope["record"])
    shapes = (
        kept.cache()
        .map(lambda record: {name: type(value) for name, value in record.items()})
        .reduce(lambda left, right: {**left, **right})
    )
    names = list(shapes)
    fields = {field.name: field.dataType for field in data.schema.fields}
    from pyspark.sql import types as t

    kinds = {int: t.IntegerType(), str: t.StringType()}
    schema = t.StructType([t.StructField(name, fields.get(name) or kinds[shapes[name]]) for name in names])
    rows = kept.map(lambda record: tuple(record.get(name) for name in names))
    made = glue.spark_session.createDataFrame(rows, schema, verifySchema=False)
    found = take(made)
    kept.unpersist()
    return found


def timed(work: Callable[[Callable[[Any], Any]], Any]) -> Callable[[], Any]:
    """``work`` for the harness: its first run gives the answer, the later ones write every column of every row."""
    found: list[Any] = []

    def run() -> Any:
        if found:
            work(written)
        else:
            found.append(work(answer))
        return found[0]

    return run


def main() -> int:
    """Measure both; 1 where a claim does not hold."""
    from awsglue.gluetypes import _create_dynamic_record, _revert_to_dict

    def mapped(envelope: Any) -> Any:
        try:
            envelope["record"] = _revert_to_dict(change(_create_dynamic_record(envelope["record"])))
        except Exception as error:
            envelope["isError"], envelope["errorMessage"] = True, str(error)
        return envelope

    def kept(envelope: Any) -> bool:
        try:
            return bool(keeps(_create_dynamic_record(envelope["record"])))
        except (KeyError, ValueError, TypeError):
            return False

    rows = scale(100_000)
    with tempfile.TemporaryDirectory() as home, glue_context(Path(home)) as glue:
        path = f"{home}/wide"
        wide_table(glue.spark_session, path, rows)
        frame = glue.create_dynamic_frame.from_options("s3", {"paths": [path]}, "parquet")
        ours: dict[str, Callable[[Callable[[Any], Any]], Any]] = {
            "map": lambda take: take(frame.map(change).toDF()),
            "filter": lambda take: take(frame.filter(keeps).toDF()),
        }
        peers: dict[str, Callable[[Callable[[Any], Any]], Any]] = {
            "map": lambda take: pickled(glue, frame, lambda envelopes: envelopes.map(mapped), take),
            "filter": lambda take: pickled(glue, frame, lambda envelopes: envelopes.filter(kept), take),
        }
        outcomes = [
            measure(CLAIMS[name], timed(ours[name]), timed(peers[name]), warm_up=2, rows=rows, columns=28)
            for name in CLAIMS
        ]
    return int(not all(outcome.holds for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
