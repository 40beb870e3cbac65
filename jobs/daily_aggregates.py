"""Daily figures by airport and by carrier, for the dates whose flights changed."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame

from common import aggregates, enrichment, marts_zone, partitions
from common.audit import AuditMismatchError
from common.job import GlueStage
from common.side_by_side import side_by_side


def extract(stage: GlueStage, days: list[date]) -> DataFrame:
    """All enriched flights of the given dates."""
    url = f"{stage.arguments.marts}/flights_enriched"
    return partitions.read_dates(stage.spark, url, enrichment.SCHEMA, "flight_date", days)


def load(stage: GlueStage, figures: DataFrame, table: str, schema: str, days: list[date]) -> int:
    """Replace the dates of one table; returns how many flights its rows account for."""
    figures = figures.persist()
    return marts_zone.replace(stage, figures, table, schema, days, figures.count(), "flights")


def main() -> None:
    """Run the stage. In its audit, rows out are the flights that the written figures account for."""
    stage = GlueStage.start("daily_aggregates")
    days = marts_zone.touched_days(stage, "marts_flights_enriched")
    if days:
        flights = extract(stage, days)
        by_airport = aggregates.daily_airport(flights)
        by_carrier = aggregates.daily_carrier(flights)
        stage.audit.rows_in, stage.audit.rows_out, carriers = side_by_side(
            flights.count,
            lambda: load(stage, by_airport, "daily_airport", aggregates.DAILY_AIRPORT, days),
            lambda: load(stage, by_carrier, "daily_carrier", aggregates.DAILY_CARRIER, days),
        )
        if carriers != stage.audit.rows_out:
            raise AuditMismatchError(f"By airport there are {stage.audit.rows_out} flights, by carrier {carriers}.")
    stage.finish()


if __name__ == "__main__":
    main()
