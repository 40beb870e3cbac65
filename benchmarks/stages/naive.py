"""The same tables as an engineer writes them first: a PySpark script with inferred schemas and default settings.

``python naive.py RAW OUT TABLE…``. Two settings are not the defaults, since the answer needs them: the time zone, and
the parser of dates that Spark's own error message asks to choose once a wrong date is met.
"""

from __future__ import annotations

import sys

from clock import Clock  # a script's folder is on its path
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812

NULLS = ["", "NA", "N/A", "NAN", "NULL", "NONE"]
FORMATS = [
    "yyyy-MM-dd'T'HH:mm:ss'Z'",
    "yyyy-MM-dd HH:mm:ss",
    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "yyyy-MM-dd'T'HH:mm:ssXXX",
]
INTEGERS = [
    "flight", "year", "month", "day", "sched_dep_time", "dep_time", "dep_delay", "sched_arr_time", "arr_time",
    "arr_delay", "air_time", "distance", "hour", "minute",
]  # fmt: skip
CODES = ["carrier", "origin", "dest", "tailnum"]
TIMES = ["event_time", "time_hour"]
REQUIRED = ["event_time", "carrier", "flight", "origin", "dest", "time_hour", "year", "month", "day"]


def text(name: str) -> Column:
    """The text without blanks around it, or null where it means no value."""
    trimmed = F.trim(F.col(name).cast("string"))
    return F.when(~F.upper(trimmed).isin(NULLS), trimmed)


def timestamp(value: Column) -> Column:
    """The first format that fits."""
    return F.coalesce(*(F.to_timestamp(value, form) for form in FORMATS))


def clean_flights(spark: SparkSession, raw: str, out: str) -> None:
    """Flights: wrong rows dropped, the newest of each."""
    frame = spark.read.option("recursiveFileLookup", "true").json(f"{raw}/flights")
    frame = frame.where(F.col("_corrupt_record").isNull()).drop("_corrupt_record")
    good = F.lit(True)
    for name in [*INTEGERS, *CODES, *TIMES, "operated_by"]:
        frame = frame.withColumn(name, text(name))
    for name in INTEGERS:
        good &= F.col(name).isNull() | F.col(name).cast("int").isNotNull()
    for name in TIMES:
        good &= timestamp(F.col(name)).isNotNull()
    for name in REQUIRED:
        good &= F.col(name).isNotNull()
    frame = frame.where(good)
    for name in INTEGERS:
        frame = frame.withColumn(name, F.col(name).cast("int"))
    for name in CODES:
        frame = frame.withColumn(name, F.upper(name))
    for name in TIMES:
        frame = frame.withColumn(name, timestamp(F.col(name)))
    frame = frame.withColumn("flight_date", F.make_date("year", "month", "day"))
    frame = frame.where(F.abs(F.datediff(F.to_date("time_hour"), "flight_date")) <= 1)
    hour = F.date_format("time_hour", "yyyy-MM-dd'T'HH:mm:ss'Z'")
    frame = frame.withColumn("flight_id", F.concat_ws("-", "carrier", "flight", "origin", hour))
    frame = frame.withColumn("region", F.col("origin")).withColumn("cancelled", F.col("dep_time").isNull())
    newest = Window.partitionBy("flight_id").orderBy(F.desc("event_time"))
    frame = frame.withColumn("rank", F.row_number().over(newest)).where("rank = 1").drop("rank")
    frame.drop("year", "month", "day").write.partitionBy("flight_date", "region").parquet(f"{out}/flights")


def clean_weather(spark: SparkSession, raw: str, out: str) -> None:
    """Weather readings: wrong ones dropped, one a place and hour."""
    frame = spark.read.option("recursiveFileLookup", "true").json(f"{raw}/weather")
    numbers = [name for name in frame.columns if name not in ("origin", "time_hour")]
    for name in numbers:
        value = text(name)
        frame = frame.where(value.isNull() | value.cast("double").isNotNull())
        frame = frame.withColumn(name, value.cast("double"))
    frame = frame.withColumn("origin", F.upper(text("origin"))).withColumn("time_hour", timestamp(F.col("time_hour")))
    frame = frame.dropDuplicates(["origin", "time_hour"]).withColumn("reading_date", F.to_date("time_hour"))
    frame.write.partitionBy("reading_date").parquet(f"{out}/weather")


def known(column: str) -> Column:
    """True or false, not null."""
    return F.coalesce(F.col(column), F.lit(False))


def enrich(spark: SparkSession, raw: str, out: str) -> None:
    """Flights with what is known of their plane, airline, airport and weather."""
    flights = spark.read.parquet(f"{out}/flights")
    read = spark.read.option("recursiveFileLookup", "true")
    planes = read.csv(f"{raw}/planes", header=True, inferSchema=True, nullValue="NA").select(
        "tailnum", F.col("manufacturer").alias("plane_manufacturer"), F.col("model").alias("plane_model"),
        F.col("year").cast("int").alias("plane_year"), F.lit(True).alias("plane_known"),
    )  # fmt: skip
    airports = read.json(f"{raw}/airports").select(
        F.col("faa").alias("dest"), F.col("name").alias("dest_name"), F.lit(True).alias("dest_known")
    )
    airlines = read.csv(f"{raw}/airlines", header=True, inferSchema=True)
    airlines = airlines.withColumnRenamed("name", "carrier_name")
    weather = spark.read.parquet(f"{out}/weather").select(
        "origin", "time_hour", "temp", "wind_speed", "precip", "visib", F.lit(True).alias("weather_known")
    )
    joined = (
        flights.join(airlines, "carrier", "left")
        .join(planes, "tailnum", "left")
        .join(airports, "dest", "left")
        .join(weather, ["origin", "time_hour"], "left")
    )
    for name in ("plane_known", "dest_known", "weather_known"):
        joined = joined.withColumn(name, known(name))
    joined.write.partitionBy("flight_date").parquet(f"{out}/enriched")


def figures(rows: DataFrame, *keys: str) -> DataFrame:
    """Figures of a day by keys."""
    return rows.groupBy("flight_date", *keys).agg(
        F.count("*").alias("flights"),
        F.count(F.when(F.col("cancelled"), 1)).alias("cancelled"),
        F.count(F.when(F.col("dep_delay") >= 15, 1)).alias("departed_late"),
        F.count(F.when(F.col("arr_delay") >= 15, 1)).alias("arrived_late"),
        F.avg("dep_delay").alias("mean_dep_delay"),
        F.avg("arr_delay").alias("mean_arr_delay"),
        F.sum("distance").alias("distance"),
    )


def daily(spark: SparkSession, out: str) -> None:
    """Both tables of daily figures."""
    rows = spark.read.parquet(f"{out}/enriched")
    figures(rows, "origin").write.partitionBy("flight_date").parquet(f"{out}/daily_airport")
    figures(rows, "carrier", "carrier_name").write.partitionBy("flight_date").parquet(f"{out}/daily_carrier")


def main(raw: str, out: str, *tables: str) -> None:
    """The stages that make the tables, each with its seconds in ``<out>/told.json``."""
    clock = Clock()
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.legacy.timeParserPolicy", "CORRECTED")
        .getOrCreate()
    )
    clock.started(spark.sparkContext)
    stages = {
        "flights": lambda: clean_flights(spark, raw, out),
        "weather": lambda: clean_weather(spark, raw, out),
        "enriched": lambda: enrich(spark, raw, out),
        "daily_airport": lambda: daily(spark, out),
    }
    for name, work in stages.items():
        if name in tables:
            clock.stage(name, work)
    clock.told(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
