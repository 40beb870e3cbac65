"""What a warm worker runs before its first job: the steps of most jobs, over a few rows of its own folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

__all__ = ["prepare"]

_ROWS: Final = 400
_SCRIPT: Final = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import ApplyMapping, ResolveChoice
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import Window
from pyspark.sql import functions as F

folder = getResolvedOptions(sys.argv, ["folder"])["folder"]
glue = GlueContext(SparkContext.getOrCreate())
glue.spark_session.range(7).selectExpr("id % 3 as k", "id").groupBy("k").count().orderBy("k").collect()
frame = glue.create_dynamic_frame.from_options("s3", {"paths": [folder + "/in"]}, "json")
frame = ResolveChoice.apply(frame, specs=[("b", "cast:string")])
kinds = {"a": "int", "b": "string", "t": "string"}
frame = ApplyMapping.apply(frame, [(name, kind, name, kind) for name, kind in kinds.items()])
rows = frame.toDF()
lines = glue.spark_session.read.text(folder + "/in").select("value", F.input_file_name().alias("file"))
parsed = lines.select(F.from_json("value", "a string, b string, t string").alias("r"), "file").select("r.*", "file")
typed = parsed.select(
    F.expr("try_cast(a as int)").alias("a"),
    F.when(~F.upper(F.trim("b")).isin("", "NA"), F.trim("b")).alias("b"),
    F.when(F.col("t").rlike("^[0-9]{4}-"), F.expr("try_cast(t as timestamp)")).alias("t"),
    F.to_date("t").alias("d"),
    "file",
)
ranked = typed.withColumn("n", F.row_number().over(Window.partitionBy("a").orderBy(F.desc("t"), "b"))).persist()
ranked.where("n > 1").count()
ranked.groupBy("b").agg(F.count("*"), F.max("t"), F.avg("a")).collect()
joined = ranked.join(rows.select("a", F.col("b").alias("other")), "a", "left")
joined = joined.join(F.broadcast(rows.select("b").distinct()), "b", "left")
joined.repartition("d").write.mode("overwrite").partitionBy("d").parquet(folder + "/out")
back = glue.spark_session.read.parquet(folder + "/out")
back.where(F.col("d").isin(["2013-01-01"])).count()
back.select(F.sha2(F.concat_ws(",", "a", "b"), 256).alias("s")).distinct().count()
back.coalesce(1).write.mode("overwrite").json(folder + "/json")
"""


def prepare(folder: Path, state_folder: Path) -> Path:
    """Make the run's folder, with its script and its rows, and return it."""
    rows = folder / "in"
    rows.mkdir(parents=True)
    for part in range(4):
        lines = (
            json.dumps({"a": n, "b": f"b{n % 7}" if n % 5 else n, "t": f"2013-01-0{n % 9 + 1}T00:00:00Z"})
            for n in range(part, _ROWS, 4)
        )
        (rows / f"{part}.json").write_text("\n".join(lines) + "\n")
    script = folder / "warm_up.py"
    script.write_text(_SCRIPT)
    document = {
        "job_name": "warm-up",
        "job_run_id": "jr_warm_up",
        "command": "glueetl",
        "script": str(script),
        "arguments": {"--folder": str(folder)},
        "state_folder": str(state_folder),
    }
    (folder / "run.json").write_text(json.dumps(document))
    return folder
