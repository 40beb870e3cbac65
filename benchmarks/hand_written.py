"""The sample's pipeline as one PySpark script with no services: ``python hand_written.py <sources> <target>``.

What a good engineer writes who wants the tables and nothing else: explicit schemas, casts in generated code, broadcast
joins, Parquet in Hive folders, rejected lines set aside with their reason. Settings are Spark's defaults. It keeps no
audit, no bookmarks, no catalog, no snapshots and no history, checks no quality, and does all of it again on each run.
"""

from __future__ import annotations

import sys

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812

CODES = ["carrier", "origin", "dest", "tailnum"]
NUMBERS = [
    "flight", "year", "month", "day", "sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "arr_time",
    "arr_delay", "air_time", "distance", "hour", "minute",
]  # fmt: skip
TIMES = ["event_time", "time_hour"]
REQUIRED = ["event_time", "carrier", "flight", "origin", "dest", "time_hour", "year", "month", "day"]
MEASURES = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
AIRPORTS = "faa string, name string, lat double, lon double, alt int, tz int, dst string, tzone string"
PLANES = (
    "tailnum string, year int, type string, manufacturer string, model string, engines int, seats int, speed int, "
    "engine string"
)
IS_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
IS_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"


def schema(names: list[str]) -> str:
    """All columns as texts, and the line where it does not parse."""
    return ", ".join(f"{name} string" for name in [*names, "_corrupt_record"])


def tidy(name: str) -> Column:
    """Without blanks around it; null for a word that means no value."""
    value = F.trim(name)
    return F.when(~F.upper(value).isin("", "NA", "N/A", "NAN", "NULL", "NONE"), value)


def typed(name: str) -> Column:
    """The column of the type that it has."""
    value = tidy(name)
    if name in CODES:
        return F.upper(value)
    if name in NUMBERS:
        return F.when(value.rlike(r"^[+-]?\d+(\.0*)?$"), F.substring_index(value, ".", 1).cast("int"))
    if name in TIMES:
        return F.when(value.rlike(IS_TIME), value.cast("timestamp"))
    if name in MEASURES:
        return F.when(value.rlike(IS_NUMBER), value.cast("double"))
    return value


def reasons(names: list[str], required: list[str]) -> list[Column]:
    """What may be wrong with a row, the first reason first."""
    missing = [F.when(tidy(name).isNull(), F.lit(f"missing:{name}")) for name in required]
    kinds = dict.fromkeys(NUMBERS, "integer") | dict.fromkeys(TIMES, "timestamp") | dict.fromkeys(MEASURES, "double")
    bad = [
        F.when(tidy(name).isNotNull() & typed(name).isNull(), F.lit(f"bad_{kinds[name]}:{name}"))
        for name in names
        if name in kinds
    ]
    return [F.when(F.col("_corrupt_record").isNotNull(), F.lit("malformed_json")), *missing, *bad]


def flights(spark: SparkSession, sources: str) -> DataFrame:
    """Events with their reason, the newest of each flight first."""
    names = [*CODES, *NUMBERS, *TIMES, "operated_by"]
    raw = spark.read.schema(schema(names)).json(f"{sources}/outbox")
    rows = raw.select(
        *[typed(name).alias(name) for name in names],
        F.coalesce(*reasons(names, REQUIRED)).alias("reason"),
        F.coalesce("_corrupt_record", F.to_json(F.struct(*names))).alias("record"),
    )
    rows = rows.withColumn("flight_date", F.make_date("year", "month", "day"))
    apart = F.abs(F.datediff(F.to_date("time_hour"), "flight_date")) > 1
    rows = rows.withColumn(
        "reason",
        F.coalesce(
            "reason",
            F.when(F.col("flight_date").isNull(), F.lit("bad_date:flight_date")),
            F.when(apart, F.lit("inconsistent:flight_date")),
        ),
    )
    hour = F.date_format("time_hour", "yyyy-MM-dd'T'HH:mm:ss'Z'")
    return (
        rows.withColumn("flight_id", F.concat_ws("-", "carrier", "flight", "origin", hour))
        .withColumn("region", F.col("origin"))
        .withColumn("cancelled", F.col("dep_time").isNull())
    )


def newest(rows: DataFrame, key: list[str], version: Column) -> DataFrame:
    """One row a key."""
    ranked = rows.withColumn("rank", F.row_number().over(Window.partitionBy(*key).orderBy(version)))
    return ranked.where("rank = 1").drop("rank")


def weather(spark: SparkSession, sources: str) -> DataFrame:
    """Readings with their reason; a reading sent twice once."""
    names = ["origin", "time_hour", *MEASURES]
    raw = spark.read.schema(schema(names)).json(f"{sources}/spool/readings.jsonl")
    return raw.select(
        *[typed(name).alias(name) for name in names],
        F.coalesce(*reasons(names, ["origin", "time_hour"])).alias("reason"),
        F.coalesce("_corrupt_record", F.to_json(F.struct(*names))).alias("record"),
    ).withColumn("reading_date", F.to_date("time_hour"))


def set_aside(rows: DataFrame, target: str, source: str) -> None:
    """Rejected lines with their reason."""
    rejected = rows.where("reason is not null").select("record", "reason")
    rejected.write.mode("overwrite").json(f"{target}/quarantine/{source}")


def write(rows: DataFrame, url: str, *keys: str) -> None:
    """Parquet, one file a folder."""
    shaped = rows.repartition(*keys) if keys else rows
    shaped.write.mode("overwrite").partitionBy(*keys).parquet(url)


def figures() -> list[Column]:
    """What is told of a day."""
    return [
        F.count(F.lit(1)).alias("flights"),
        F.count(F.when(F.col("cancelled"), 1)).alias("cancelled"),
        F.count(F.when(F.col("dep_delay") >= 15, 1)).alias("departed_late"),
        F.count(F.when(F.col("arr_delay") >= 15, 1)).alias("arrived_late"),
        F.avg("dep_delay").alias("mean_dep_delay"),
        F.avg("arr_delay").alias("mean_arr_delay"),
        F.sum("distance").alias("distance"),
    ]


def make_tables(spark: SparkSession, sources: str, target: str) -> None:
    """All tables below ``target``."""
    events = flights(spark, sources).persist()
    set_aside(events, target, "flights")
    good = newest(events.where("reason is null"), ["flight_id"], F.desc("event_time"))
    write(good.drop("reason", "record", "year", "month", "day"), f"{target}/flights", "flight_date", "region")
    events.unpersist()

    readings = weather(spark, sources)
    set_aside(readings, target, "weather")
    once = newest(readings.where("reason is null"), ["origin", "time_hour"], F.col("record"))
    write(once.drop("reason", "record"), f"{target}/weather", "reading_date")

    airlines = spark.read.schema("carrier string, name string").csv(f"{sources}/share/airlines.csv", header=True)
    write(airlines, f"{target}/airlines")
    write(spark.read.schema(AIRPORTS).json(f"{sources}/airports.json"), f"{target}/airports")
    write(spark.read.schema(PLANES).csv(f"{sources}/planes.csv", header=True, nullValue="NA"), f"{target}/planes")

    def lookup(name: str, **columns: str) -> DataFrame:
        chosen = [F.col(there).alias(here) for here, there in columns.items()]
        return F.broadcast(spark.read.parquet(f"{target}/{name}").select(*chosen, F.lit(True).alias(f"{name}_known")))

    plane = lookup(
        "planes", tailnum="tailnum", plane_manufacturer="manufacturer", plane_model="model", plane_year="year"
    )
    reading = lookup(
        "weather", origin="origin", time_hour="time_hour", temp="temp", wind_speed="wind_speed", precip="precip",
        visib="visib",
    )  # fmt: skip
    rows = (
        spark.read.parquet(f"{target}/flights")
        .join(lookup("airlines", carrier="carrier", carrier_name="name"), "carrier", "left")
        .join(plane, "tailnum", "left")
        .join(lookup("airports", dest="faa", dest_name="name"), "dest", "left")
        .join(reading, ["origin", "time_hour"], "left")
        .withColumnsRenamed({"planes_known": "plane_known", "airports_known": "dest_known"})
        .fillna(value=False, subset=["plane_known", "dest_known", "weather_known"])
        .drop("airlines_known")
    )
    write(rows, f"{target}/flights_enriched", "flight_date")

    marts = spark.read.parquet(f"{target}/flights_enriched")
    write(marts.groupBy("flight_date", "origin").agg(*figures()), f"{target}/daily_airport", "flight_date")
    by_carrier = marts.groupBy("flight_date", "carrier").agg(F.max("carrier_name").alias("carrier_name"), *figures())
    write(by_carrier, f"{target}/daily_carrier", "flight_date")


if __name__ == "__main__":
    session = SparkSession.builder.appName("hand-written").getOrCreate()
    make_tables(session, sys.argv[1], sys.argv[2])
    session.stop()
