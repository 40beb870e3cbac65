"""Polars, lazily and with two threads. Its JSON reader ends at the first broken line, so lines are looked at before."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl
from rules import CODES, COLUMNS, NAMES, NULL_WORDS, REQUIRED, TIME_PATTERN, TIMES, WHOLE, WHOLE_PATTERN


def typed(name: str) -> pl.Expr:
    """The field's value, null where it has none or a wrong one."""
    value = pl.col(f"_{name}")
    if name in CODES:
        return value.str.to_uppercase()
    if name in WHOLE:
        whole = pl.when(value.str.contains(WHOLE_PATTERN)).then(value.str.split(".").list.first())
        return whole.cast(pl.Int32, strict=False)
    if name in TIMES:
        time = pl.when(value.str.contains(TIME_PATTERN)).then(value.str.slice(0, 19).str.replace("T", " "))
        return time.str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S", strict=False)
    return value


def main() -> None:
    """Run it."""
    raw, out = (Path(name) for name in sys.argv[1:3])
    lines = pl.scan_csv(
        f"{raw}/flights/**/*.json", separator="\x01", quote_char=None, has_header=False, new_columns=["record"],
        schema={"record": pl.String},
    ).filter(pl.col("record").str.contains(r"^\s*\{[^{}]*\}\s*$"))  # fmt: skip
    fields = [
        pl.col("record").str.extract(rf'"{name}":\s*(?:"([^"]*)"|([^,}}"]*))', 0)
        .str.replace(rf'^"{name}":\s*', "").str.strip_chars('"').str.strip_chars().alias(f"_{name}")
        for name in NAMES
    ]  # fmt: skip
    texts = lines.select(fields).with_columns(
        pl.when(~pl.col(f"_{name}").str.to_uppercase().is_in(NULL_WORDS)).then(pl.col(f"_{name}")).alias(f"_{name}")
        for name in NAMES
    )
    rows = texts.with_columns(typed(name).alias(name) for name in NAMES)
    for name in NAMES:
        missing = pl.col(f"_{name}").is_null() if name not in REQUIRED else pl.lit(value=False)
        rows = rows.filter(pl.col(name).is_not_null() | missing)
    date = pl.concat_str(
        pl.col("year"), pl.col("month").cast(pl.String).str.zfill(2), pl.col("day").cast(pl.String).str.zfill(2),
        separator="-",
    ).str.strptime(pl.Date, "%Y-%m-%d", strict=False)  # fmt: skip
    rows = rows.with_columns(flight_date=date).filter(
        (pl.col("time_hour").dt.date() - pl.col("flight_date")).dt.total_days().abs() <= 1
    )
    hour = pl.col("time_hour").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = rows.with_columns(
        flight_id=pl.concat_str(pl.col("carrier"), pl.col("flight"), pl.col("origin"), hour, separator="-"),
        region=pl.col("origin"),
        cancelled=pl.col("dep_time").is_null(),
    )  # fmt: skip
    newest = rows.sort("flight_id", "event_time", descending=[False, True]).unique("flight_id", keep="first")
    for (day, region), part in (
        newest.select(COLUMNS).collect().partition_by("flight_date", "region", as_dict=True, include_key=False).items()
    ):
        folder = out / "flights" / f"flight_date={day}" / f"region={region}"
        folder.mkdir(parents=True)
        part.write_parquet(folder / "part-0.parquet", compression="gzip")


if __name__ == "__main__":
    main()
