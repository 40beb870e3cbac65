"""``hand_written.py`` twice in one session; prints the seconds of the second time as JSON."""

from __future__ import annotations

import json
import sys
import time

from pyspark.sql import SparkSession

from benchmarks import hand_written

if __name__ == "__main__":
    session = SparkSession.builder.appName("hand-written").getOrCreate()
    hand_written.make_tables(session, sys.argv[1], sys.argv[2])
    started = time.perf_counter()
    hand_written.make_tables(session, sys.argv[1], sys.argv[2])
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - started}) + "\n")
    session.stop()
