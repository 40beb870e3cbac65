"""Every Spark and JVM setting of a Glue job run on this machine, each with its reason."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = [
    "EXTENSIONS",
    "archives",
    "beside_catalog",
    "catalog_conf",
    "given_conf",
    "heap_megabytes",
    "java_options",
    "job_jars",
    "local_cores",
    "session_conf",
    "storage",
]

# https://docs.aws.amazon.com/glue/latest/dg/worker-types.html: vCPUs and GB of memory of one worker
_WORKERS: Final = {
    "Standard": (4, 16),
    "G.025X": (2, 4),
    "G.1X": (4, 16),
    "G.2X": (8, 32),
    "G.4X": (16, 64),
    "G.8X": (32, 128),
    "G.12X": (48, 192),
    "G.16X": (64, 256),
    "R.1X": (4, 32),
    "R.2X": (8, 64),
    "R.4X": (16, 128),
    "R.8X": (32, 256),
}
EXTENSIONS: Final = "spark.sql.extensions"
_CATALOG: Final = "lakeshift.catalog.CatalogExtension"
_LARGEST_HEAP: Final = 4_096
_SMALLEST_HEAP: Final = 1_024


def heap_megabytes(worker_type: str, workers: int, machine_megabytes: int | None = None) -> int:
    """Return the JVM's heap: what the workers would have, at most a quarter of this machine and 4 GiB."""
    if machine_megabytes is None:
        machine_megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    asked = _WORKERS.get(worker_type, _WORKERS["G.1X"])[1] * 1024 * max(1, workers)
    return max(_SMALLEST_HEAP, min(asked, machine_megabytes // 4, _LARGEST_HEAP))


def local_cores(worker_type: str, workers: int, machine_cores: int | None = None) -> int:
    """Return the cores that the run's tasks take: what the workers would have, at most this machine's."""
    asked = _WORKERS.get(worker_type, _WORKERS["G.1X"])[0] * max(1, workers)
    return min(asked, machine_cores or os.cpu_count() or 2)


def java_options(heap: int, *, lasting: bool = False) -> list[str]:
    """Return the JVM's own options; a ``lasting`` one serves many runs.

    ParallelGC: throughput on few cores (x1.14 of G1). Huge methods are compiled too: Spark generates one for a row of
    many columns, and Java would interpret it for ever (x1.3 for the 338,000 events of the sample). The compiler's
    highest level competes with the tasks for the cores: it pays back in a JVM that outlives its run (x2.5 from the
    second pass over those events on), not in the start of one that does not.
    """
    return [
        f"-Xmx{heap}m",
        "-XX:+UseParallelGC",
        "-XX:-DontCompileHugeMethods",
        *(() if lasting else ("-XX:TieredStopAtLevel=1",)),
        "-Duser.timezone=UTC",
        "-Djava.net.preferIPv4Stack=true",
    ]


def session_conf(cores: int) -> dict[str, str]:
    """Return the settings of a session that takes so many ``cores``."""
    return {
        "spark.master": f"local[{cores}]",
        # Nothing of ours listens anywhere but on this machine.
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        # Glue's sessions are in UTC, whatever the machine's time zone is.
        "spark.sql.session.timeZone": "UTC",
        # As many shuffle partitions as cores: 200 small ones cost five times the work where AQE is off; where it merges
        # them, little (BENCH=settings).
        "spark.sql.shuffle.partitions": str(max(2, cores)),
        "spark.sql.adaptive.enabled": "true",
        # Of the classes that Spark generates, a warm worker keeps those of a whole pipeline: with 100 (the default) the
        # next run compiles them anew, and Java begins again to interpret them.
        "spark.sql.codegen.cache.maxEntries": "2000",
        # And keeps them for the tasks too, to which each SparkContext gives a class loader of their own. What each
        # scan and write sends to the tasks is sent in a third of the time.
        "spark.plugins": "lakeshift.worker.OneClassLoader,lakeshift.worker.SourcesForgotten",
        # Listing a local folder is quick; a Spark job to list 33 of them is not.
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
        # Opening a local file costs next to nothing: pack many small ones into a task (BENCH=small_files).
        "spark.sql.files.openCostInBytes": "65536",
        # Glue's sinks leave no _SUCCESS, and a reader would take it for an object of the table.
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        # Dates before 1900 are read and written as they are.
        "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
        "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
        "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    }


def storage(state_folder: Path | None) -> tuple[dict[str, str], list[str]]:
    """Return the settings that let Spark see ``s3://``, and the jars it needs.

    Raises:
        LakeshiftError: the jars are not there and cannot be made; the text says why.
    """
    from lakeshift.jvm import jars
    from lakeshift.paths import StateFolder, default_state_folder

    state = StateFolder(state_folder) if state_folder else default_state_folder()
    return dict(jars.spark_s3_conf(state)), [str(path) for path in jars.class_path()]


def beside_catalog(extensions: str) -> str:
    """Return the value of ``spark.sql.extensions`` with that of the Data Catalog before the job's own."""
    return extensions if _CATALOG in extensions.split(",") else ",".join(filter(None, (_CATALOG, extensions)))


def catalog_conf(environment: Mapping[str, str], extensions: str = "") -> dict[str, str]:
    """Return the settings by which Spark SQL's tables are the Data Catalog's, beside the job's own ``extensions``.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-data-catalog-hive.html
    """
    return {
        EXTENSIONS: beside_catalog(extensions),
        "spark.lakeshift.glue.endpoint": environment["AWS_ENDPOINT_URL"],
        "spark.lakeshift.glue.region": environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"],
        "spark.lakeshift.glue.accessKey": environment.get("AWS_ACCESS_KEY_ID", "local"),
    }


def job_jars(jars: Sequence[str], formats: Sequence[str] = ()) -> list[str]:
    """Return those of ``jars`` that a job sees: Iceberg's only where ``formats`` asks for it, as on Glue."""
    return [jar for jar in jars if "iceberg" in formats or not Path(jar).name.startswith("iceberg-")]


def archives() -> Path:
    """Return the folder of class-data archives: beside the jars, since they are made of them."""
    from lakeshift.jvm import jars

    return jars.jar_folder().parent / "class-data"


def given_conf(text: str) -> Mapping[str, str]:
    """Read the argument ``--conf``: ``k=v --conf k2=v2``."""
    pairs = [part.strip() for part in text.split("--conf") if part.strip()]
    return {key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in pairs)}
