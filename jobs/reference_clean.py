"""Airports and airlines of the catalog to clean snapshots; unchanged rows are duplicates."""

from __future__ import annotations

from awsglue.transforms import ApplyMapping, ResolveChoice
from pyspark.sql import DataFrame

from common import clean_zone, reference_zone
from common.job import GlueStage
from common.reference import AIRLINES, AIRPORTS, ReferenceTable


def extract(stage: GlueStage, table: ReferenceTable) -> DataFrame | None:
    """Rows that no committed run has read, as texts; None where there are none."""
    frame = stage.from_catalog("lakeshift_raw", table.name, f"{table.name}_raw")
    if not frame.toDF().columns:
        return None
    names = [field.name for field in table.fields]
    resolved = ResolveChoice.apply(
        frame=frame, specs=[(name, "cast:string") for name in names], transformation_ctx=f"{table.name}_resolved"
    )
    mapped = ApplyMapping.apply(
        frame=resolved,
        mappings=[(name, "string", name, "string") for name in names],
        transformation_ctx=f"{table.name}_mapped",
    )
    rows: DataFrame = mapped.toDF()
    return rows


def clean(stage: GlueStage, table: ReferenceTable) -> None:
    """Take one table over: typed rows, quarantine, and a new snapshot where a row is new or changed."""
    rows = extract(stage, table)
    if rows is None:
        return
    stage.audit.rows_in += rows.count()
    held = reference_zone.current(stage, table)
    flagged = reference_zone.flagged(rows, table, f"lakeshift_raw.{table.name}", held)
    flagged = flagged.persist()
    changed = flagged.where("reason is null and not duplicate")
    stage.audit.rows_out += clean_zone.sort_out(
        stage, flagged, table.name, lambda told: reference_zone.take_over(stage, table, held, changed, told.clean)
    )


def main() -> None:
    """Run the stage."""
    stage = GlueStage.start("reference_clean")
    for table in (AIRPORTS, AIRLINES):
        clean(stage, table)
    stage.finish()


if __name__ == "__main__":
    main()
