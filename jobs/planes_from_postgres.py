"""Planes of the operational database to a clean snapshot; a run that finds the table as it was writes nothing."""

from __future__ import annotations

from pyspark.sql import DataFrame

from common import clean_zone, reference_zone
from common.job import GlueStage
from common.reference import PLANES

CONNECTION, SOURCE = "operational-postgres", "public.planes"


class EmptySourceError(RuntimeError):
    """The operational table is empty although it was not before: more likely a mistake there than no planes."""


def extract(stage: GlueStage) -> DataFrame:
    """The whole table over JDBC; a bookmark would miss changes of old rows."""
    frame = stage.glue.create_dynamic_frame.from_options(
        connection_type="postgresql",
        connection_options={"useConnectionProperties": "true", "connectionName": CONNECTION, "dbtable": SOURCE},
        transformation_ctx="planes",
    )
    rows: DataFrame = frame.toDF()
    return rows


def main() -> None:
    """Run the stage. Raises EmptySourceError."""
    stage = GlueStage.start("planes_from_postgres")
    rows = extract(stage).persist()
    stage.audit.rows_in = rows.count()
    held = reference_zone.current(stage, PLANES)
    if stage.audit.rows_in == 0:
        raise EmptySourceError(f"{SOURCE} of connection {CONNECTION} has no rows; the clean planes stay as they were.")
    flagged = reference_zone.flagged(rows, PLANES, SOURCE, held).persist()
    changed = flagged.where("reason is null and not duplicate")
    stage.audit.rows_out = clean_zone.sort_out(
        stage, flagged, PLANES.name, lambda told: reference_zone.take_over(stage, PLANES, held, changed, told.clean)
    )
    stage.finish()


if __name__ == "__main__":
    main()
