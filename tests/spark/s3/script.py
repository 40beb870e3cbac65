"""Run in a process of its own by test_file_system.py: a Spark job that uses s3:// every way a Glue job does."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

from lakeshift.jvm.jars import class_path, spark_s3_conf
from lakeshift.paths import StateFolder

state, bucket, versioned = StateFolder(Path(sys.argv[1])), sys.argv[2], sys.argv[3]
settings = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.extraClassPath": os.pathsep.join(map(str, class_path())),
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    **spark_s3_conf(state),
}
builder = SparkSession.builder.master("local[2]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
out: dict[str, Any] = {}


def error_of(action: Any) -> str:
    try:
        action()
    except (Py4JJavaError, AnalysisException) as error:
        return str(error)
    return ""


def count(where: str) -> int:
    return spark.read.parquet(where).count()


frame = spark.range(100).selectExpr("id", "id % 3 as part", "concat('é', id % 2) as letter")
base = f"s3://{bucket}"
frame.write.partitionBy("part", "letter").parquet(f"{base}/table")
out["rows"] = count(f"{base}/table")
frame.where("part = 0").write.mode("overwrite").partitionBy("part", "letter").parquet(f"{base}/table")
out["rows after a dynamic overwrite"] = count(f"s3a://{bucket}/table")
frame.limit(10).write.mode("append").partitionBy("part", "letter").parquet(f"s3n://{bucket}/table")
out["rows after an append"] = count(f"{base}/table")
out["read of an object put by the API"] = spark.read.json(f"{base}/in/").count()
out["text"] = [row.value for row in spark.read.text(f"{base}/in/a.json").collect()]
for _ in range(2):
    frame.coalesce(1).write.mode("overwrite").json(f"s3://{versioned}/out")
out["no bucket"] = error_of(lambda: spark.read.text("s3://no-such-bucket/x").count())
out["no bucket, writing"] = error_of(lambda: frame.write.parquet("s3://no-such-bucket/x"))
out["no path"] = error_of(lambda: spark.read.text(f"{base}/nope").count())

path, conf = spark._jvm.org.apache.hadoop.fs.Path, spark._jsc.hadoopConfiguration()
fs = path(f"{base}/").getFileSystem(conf)


def write(key: str, body: str, where: str = base) -> None:
    stream = path(f"{where}/{key}").getFileSystem(conf).create(path(f"{where}/{key}"), True)
    stream.write(bytearray(body.encode()))
    stream.close()


def names(key: str) -> list[str]:
    return [one.getPath().getName() for one in fs.listStatus(path(f"{base}/{key}"))]


opened = fs.create(path(f"{base}/fs/open"), True)
opened.write(bytearray(b"x"))
out["seen before it is closed"] = fs.exists(path(f"{base}/fs/open"))
opened.close()
out["seen once it is closed"] = fs.exists(path(f"{base}/fs/open"))
write("fs/a", "1")
write("fs/dir/b", "22")
out["renamed"] = fs.rename(path(f"{base}/fs/a"), path(f"{base}/fs/c"))
out["renamed onto an object"] = fs.rename(path(f"{base}/fs/c"), path(f"{base}/fs/open"))
out["renamed into a folder"] = fs.rename(path(f"{base}/fs/c"), path(f"{base}/fs/dir"))
out["folder renamed"] = fs.rename(path(f"{base}/fs/dir"), path(f"{base}/fs/moved"))
out["rename of nothing"] = fs.rename(path(f"{base}/fs/none"), path(f"{base}/fs/x"))
out["listed"] = [names("fs"), names("fs/moved")]
out["not empty"] = error_of(lambda: fs.delete(path(f"{base}/fs/moved"), False))
out["leaves the bucket"] = [
    error_of(lambda: fs.exists(path(f"{base}/a/../../{versioned}/out"))),
    error_of(lambda: fs.delete(path(f"{base}/../{versioned}"), True)),
    error_of(lambda: fs.rename(path(f"{base}/fs/open"), path(f"{base}/../stolen"))),
]
out["deleted"] = [fs.delete(path(f"{base}/fs/moved"), True), fs.delete(path(f"{base}/fs/moved"), True)]
out["listing of nothing"] = error_of(lambda: names("fs/none"))
out["below an object"] = error_of(lambda: write("fs/open/x", "1"))
out["create over an object"] = error_of(lambda: fs.create(path(f"{base}/fs/open"), False))
out["length"] = fs.getFileStatus(path(f"{base}/fs/open")).getLen()
for body in ("1", "2", "3"):
    write("twice", body, f"s3://{versioned}")
path(f"s3://{versioned}/twice").getFileSystem(conf).delete(path(f"s3://{versioned}/twice"), False)
write("twice", "4", f"s3://{versioned}")
out["archived listed"] = names("cold")
out["archived read"] = error_of(lambda: spark.read.text(f"{base}/cold").count())
out["archived length"] = fs.getFileStatus(path(f"{base}/cold/a.json")).getLen()
write("cold/b.json", "new")
out["archived replaced"] = [row.value for row in spark.read.text(f"{base}/cold/b.json").collect()]
out["archived deleted"] = [fs.delete(path(f"{base}/cold/a.json"), False), names("cold")]
write("last", "end")
spark.stop()
Path(sys.argv[4]).write_text(json.dumps(out))
