"""pandas: each line by orjson, the rest by columns; one thread, as pandas is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
from rules import CODES, COLUMNS, NAMES, NULL_WORDS, REQUIRED, TIME_PATTERN, TIMES, WHOLE, WHOLE_PATTERN


def records(raw: Path) -> list[dict[str, Any]]:
    """Every line that is one JSON object."""
    found = []
    for file in sorted((raw / "flights").rglob("*.json")):
        for line in file.read_bytes().splitlines():
            try:
                found.append(orjson.loads(line))
            except orjson.JSONDecodeError:
                continue
    return found


def main() -> None:
    """Run it."""
    raw, out = (Path(name) for name in sys.argv[1:3])
    texts = pd.DataFrame.from_records(records(raw), columns=NAMES).astype("string[pyarrow]")
    good = pd.Series(data=True, index=texts.index)
    rows = pd.DataFrame(index=texts.index)
    for name in NAMES:
        text = texts[name].str.strip()
        text = text.where(~text.str.upper().isin(NULL_WORDS))
        if name in CODES:
            rows[name] = text.str.upper()
        elif name in WHOLE:
            whole = text.where(text.str.match(WHOLE_PATTERN)).str.split(".").str[0]
            rows[name] = pd.to_numeric(whole).astype("Int32")
        elif name in TIMES:
            time = text.where(text.str.match(TIME_PATTERN)).str.slice(0, 19).str.replace("T", " ", regex=False)
            rows[name] = pd.to_datetime(time, format="%Y-%m-%d %H:%M:%S", errors="coerce")
        else:
            rows[name] = text
        good &= rows[name].notna() | (text.isna() & (name not in REQUIRED))
    rows = rows[good]
    date = pd.to_datetime(rows[["year", "month", "day"]].astype("int64"), errors="coerce")
    near = (rows["time_hour"].dt.normalize() - date).abs() <= pd.Timedelta(days=1)
    rows = rows[near].copy()
    hour = rows["time_hour"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    rows["flight_id"] = rows["carrier"] + "-" + rows["flight"].astype("string") + "-" + rows["origin"] + "-" + hour
    rows["flight_date"] = date[near].dt.date
    rows["region"] = rows["origin"]
    rows["cancelled"] = rows["dep_time"].isna()
    rows = rows.sort_values(["flight_id", "event_time"], ascending=[True, False]).drop_duplicates("flight_id")
    rows[COLUMNS].to_parquet(
        out / "flights", partition_cols=["flight_date", "region"], compression="gzip", index=False,
        coerce_timestamps="us",
    )  # fmt: skip


if __name__ == "__main__":
    main()
    os._exit(0)  # all is written; pyarrow's threads abort the process now and then when it ends by itself
