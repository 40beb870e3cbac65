"""The named points of a run of ``flights_clean`` at which it can be killed."""

from __future__ import annotations

from typing import Final

__all__ = ["POINTS"]

_ENGINE: Final = "lakeshift.glue_runtime"

POINTS: Final = {
    "before the bookmark is read": f"{_ENGINE}.bookmark_store:BookmarkStore.read:before:1",
    "after the bookmark is read": f"{_ENGINE}.bookmark_store:BookmarkStore.read:after:1",
    "before files are chosen": f"{_ENGINE}.engine.job:JobState.select_files:before:1",
    "after files are chosen": f"{_ENGINE}.engine.job:JobState.select_files:after:1",
    "after the lines are read": "common.flights:whole_lines:after:1",
    "after the first count": "pyspark.sql.dataframe:DataFrame.count:after:1",
    "before duplicates are flagged": "common.duplicates:flag_duplicates:before:1",
    "before quarantine is written": "common.quarantine:write_rejected:before:1",
    "after quarantine is written": "common.quarantine:write_rejected:after:1",
    "before the table is appended to": "common.clean_zone:append:before:1",
    "before a file is written": "pyspark.sql.readwriter:DataFrameWriter.save:before:1",
    "after a file is written": "pyspark.sql.readwriter:DataFrameWriter.save:after:1",
    "after the files are moved": f"{_ENGINE}.binding.sink:write_files:after:1",
    "before the table is looked up": "api:GetTable:before:1",
    "after the table is looked up": "api:GetTable:after:1",
    "before partitions are added": "api:BatchCreatePartition:before:1",
    "after partitions are added": "api:BatchCreatePartition:after:1",
    "after the table is appended to": "common.clean_zone:append:after:1",
    "before the audit is written": "common.audit:Audit.write:before:1",
    "before the audit's object is put": "api:PutObject:before:1",
    "after the audit's object is put": "api:PutObject:after:1",
    "after the audit is written": "common.audit:Audit.write:after:1",
    "before the bookmark is committed": f"{_ENGINE}.bookmark_store:BookmarkStore.commit:before:1",
    "after the bookmark is committed": f"{_ENGINE}.bookmark_store:BookmarkStore.commit:after:1",
    "after the job's commit": "common.job:GlueStage.finish:after:1",
}
"""What a user would call the moment → the point as ``killed_job`` takes it."""
