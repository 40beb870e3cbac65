"""Workers, hours and cost on AWS of a day of so many terabytes: ``make sizing TB=10 [WORKER=G.1X]``.

What a row costs comes from the growth curves (benchmarks/results/growth.json, `make bench BENCH=growth`). With --page
the report of a day of 10 TB becomes docs/sizing.md; with --check it fails where that page is old.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from lakeshift.cost.report import load_prices
from lakeshift.cost.sizing import WORKERS, Assumptions, stages_of, text

ROOT = Path(__file__).resolve().parent.parent
CURVES = ROOT / "benchmarks" / "results" / "growth.json"
PAGE = ROOT / "docs" / "sizing.md"
RUNS = (24, 6, 1)  # of the pipeline, a day
HEAD = """\
# Sizing: what a day of data takes on AWS

What a row costs each stage is measured on one machine ([growth](performance.md)), where time a row stays flat from
10^6 to 10^7 rows; Glue's workers, its billing and its prices are the published ones
([worker types](https://docs.aws.amazon.com/glue/latest/dg/worker-types.html),
[auto scaling](https://docs.aws.amazon.com/glue/latest/dg/auto-scaling.html),
[prices](https://aws.amazon.com/glue/pricing/), kept in `lakeshift/cost/prices.yaml`). What lies between is assumed, and
each assumption is printed with the result. Nothing here has run on AWS: take a first run there, put its seconds beside
the report's, and change `core` and `efficiency` to what you see.

How to choose:

- **Worker type.** The stages are bound by processors, and what they hold of a row spills to disk: G.1X has the most
  cores for its price. Take G.2X where a task runs out of memory, which means a partition (a date and region) too large.
- **Workers.** Core seconds = rows x microseconds a row; divide by the minutes you have, the vCPUs of a worker and the
  efficiency, and add one for the driver.
- **Runs a day.** The clean stage reads what is new; the stages after it replace whole dates, so that each run of a day
  reads the day so far. Twelve runs a day cost them half as much as twenty-four, and data is half as fresh.
- **Auto scaling** (`--enable-auto-scaling`, NumberOfWorkers is then the most) where the hours differ: the report has
  both. A job of less than two minutes gains nothing by it.
- **Flex** (`ExecutionClass: FLEX`) where nobody waits for the run: it may start late and lose workers.
- **Files.** One file a date and region is written by one task: past some hundred million rows a partition, partition
  finer (by hour, by carrier) before adding workers.

`make sizing TB=10`, as of the growth curves in `benchmarks/results`:

"""


def report(terabytes: float, worker: str) -> str:
    """The report, or what to do where the curves are not measured."""
    if not CURVES.exists():
        return "The growth curves are not measured: make bench BENCH=growth"
    facts = json.loads(CURVES.read_text(encoding="utf-8"))["facts"]
    given = Assumptions(row_bytes=facts["row_bytes"])
    return text(terabytes, stages_of(facts["curve"]), given, WORKERS[worker], load_prices(), RUNS)


def main() -> int:
    """Print the report, write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("terabytes", nargs="?", type=float, default=10.0)
    parser.add_argument("--worker", choices=sorted(WORKERS), default="G.1X")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    if not (given.page or given.check):
        print(report(given.terabytes, given.worker))
        return 0
    page = f"{HEAD}```text\n{report(10.0, 'G.1X')}\n```\n"
    if given.page:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        print("docs/sizing.md is old: make performance")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
