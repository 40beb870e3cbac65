"""What stands for the JVM's DynamicFrame."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as t

from lakeshift.glue_runtime.binding import python_rdd
from lakeshift.glue_runtime.binding.values import CallSite, JsonOptions, items
from lakeshift.glue_runtime.engine import choices, ddb_json, fields, flatten, records, rows, sinks, unbox
from lakeshift.glue_runtime.engine.catalog import get_table
from lakeshift.glue_runtime.engine.frame import GlueFrame, case_sensitive
from lakeshift.glue_runtime.engine.tighten import tighten, without_unseen_duplicates
from lakeshift.glue_runtime.engine.types import schema_json, tree

__all__ = ["JvmDynamicFrame", "data_frame", "session"]

# Methods have the JVM's names and take its arguments, of which the last are the transformation's own:
# transformation_ctx, call site, stageThreshold, totalThreshold.
# ruff: noqa: N802, PLR0913, PLR0917, ARG002

Method = TypeVar("Method", bound=Callable[..., Any])


def session() -> SparkSession:
    """Return the process's session; that of the running context is known without asking the JVM."""
    known = SparkSession._instantiatedSession
    if known is not None and known._sc._jsc is not None:
        return known
    return SparkSession.builder.getOrCreate()


def data_frame(jdf: Any) -> DataFrame:
    """Return a Python DataFrame of a JVM one."""
    return DataFrame(jdf, session())


def _engine_call(method: Method) -> Method:
    """Names are told apart by case while the engine builds its expressions."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with case_sensitive(session()):
            return method(*args, **kwargs)

    return call  # type: ignore[return-value]


class _Schema:
    def __init__(self, schema: t.StructType) -> None:
        self._schema = schema

    def toString(self) -> str:
        """Gluetypes JSON."""
        return schema_json(self._schema)

    def treeString(self) -> str:
        """What printSchema prints."""
        return tree(self._schema)


class JvmDynamicFrame:
    """A frame with the methods the library calls on its JVM counterpart."""

    def __init__(self, frame: GlueFrame) -> None:
        self.frame = frame

    @property
    def name(self) -> str:
        """The frame's name."""
        return self.frame.name

    def getName(self) -> str:
        """The frame's name."""
        return self.frame.name

    # -- made from something else

    @staticmethod
    def apply(jdf: Any, _context: Any) -> JvmDynamicFrame:
        """From a DataFrame: its schema, and nulls that are explicit."""
        return JvmDynamicFrame(GlueFrame(data_frame(jdf)))

    @staticmethod
    def emptyDynamicFrame(_context: Any) -> JvmDynamicFrame:
        """No records, no fields."""
        # Not by a range: its encoder makes Java load Scala's reflection, in 0.2 s of a new process.
        return JvmDynamicFrame(GlueFrame(data_frame(session()._jsparkSession.emptyDataFrame())))

    @staticmethod
    @_engine_call
    def fromPythonRDD(
        origin: JvmDynamicFrame, jrdd: Any, _context: Any, _ctx: str, _name: str, site: CallSite, stage: int, total: int
    ) -> JvmDynamicFrame:
        """From the records a Python function left."""
        return origin._done(python_rdd.run(origin.frame, jrdd, (site.site, site.info)), stage, total)

    def _done(self, frame: GlueFrame, *options: Any) -> JvmDynamicFrame:
        """The result of a transform; checks thresholds where the script set any."""
        thresholds = [int(o) for o in options if isinstance(o, int) and not isinstance(o, bool)][-2:]
        stage, total = thresholds if len(thresholds) == 2 else (0, 0)
        made = replace(frame, stage_threshold=stage, total_threshold=total)
        if stage or total:
            made.assert_thresholds()
        return JvmDynamicFrame(made)

    # -- looking at it

    @_engine_call
    def schema(self) -> _Schema:
        """The schema, computed from the records where it may be wider than they are."""
        self.frame = tighten(self.frame)
        return _Schema(self.frame.schema)

    def pyWithFrameSchema(self, _schema: str) -> JvmDynamicFrame:
        """The schema is known already."""
        return self

    def showString(self, number: int) -> str:
        """The first records as JSON lines."""
        return records.json_lines(self.frame, number)

    def count(self) -> int:
        """The number of records."""
        return self.frame.data.count()

    def getNumPartitions(self) -> int:
        """The number of Spark partitions."""
        return self.frame.data.rdd.getNumPartitions()

    def errorsCount(self) -> int:
        """The number of error records so far."""
        return self.frame.error_count()

    def stageErrorsCount(self) -> int:
        """The number of error records of the last transform."""
        return self.frame.stage_error_count()

    def assertErrorThreshold(self) -> None:
        """Raise when there are more errors than allowed."""
        self.frame.assert_thresholds()

    @_engine_call
    def errorsAsDynamicFrame(self) -> JvmDynamicFrame:
        """The error records as records."""
        return JvmDynamicFrame(records.errors_frame(self.frame))

    def javaToPython(self) -> python_rdd.FrameRDD:
        """Envelopes for Python functions."""
        return python_rdd.FrameRDD(self.frame)

    @_engine_call
    def toDF(self, specs: Any) -> Any:
        """The records as a DataFrame, choices as structs."""
        self.frame = without_unseen_duplicates(self.frame)
        return choices.to_data(self.frame, items(specs)).data._jdf

    # -- fields

    @_engine_call
    def dropFields(self, paths: Any, *options: Any) -> JvmDynamicFrame:
        """DropFields."""
        return self._done(fields.drop_fields(self.frame, items(paths)), *options)

    @_engine_call
    def selectFields(self, paths: Any, *options: Any) -> JvmDynamicFrame:
        """SelectFields."""
        return self._done(fields.select_fields(self.frame, items(paths)), *options)

    @_engine_call
    def splitFields(self, paths: Any, *options: Any) -> list[JvmDynamicFrame]:
        """SplitFields."""
        return [self._done(f, *options) for f in fields.split_fields(self.frame, items(paths))]

    @_engine_call
    def renameField(self, old: str, new: str, *options: Any) -> JvmDynamicFrame:
        """RenameField."""
        return self._done(fields.rename_field(self.frame, old, new), *options)

    @_engine_call
    def applyMapping(self, specs: Any, case: bool, *options: Any) -> JvmDynamicFrame:
        """ApplyMapping."""
        mappings = [fields.Mapping.of(spec) for spec in items(specs)]
        return self._done(fields.apply_mapping(self.frame, mappings, case_sensitive=case), *options)

    @_engine_call
    def resolveChoice(
        self,
        specs: Any,
        choice: Any,
        database: Any,
        table: Any,
        ctx: str,
        site: CallSite,
        stage: int,
        total: int,
        catalog: Any,
    ) -> JvmDynamicFrame:
        """ResolveChoice."""
        frame = choices.resolve_specs(self.frame, items(specs))
        if choice == "match_catalog":
            if not database or not table:
                raise ValueError("match_catalog needs database and table_name")
            columns = get_table(database, table, catalog)
            frame = choices.match_catalog(frame, {**columns.columns, **columns.keys})
        elif choice:
            frame = choices.resolve_all(frame, choice)
        return self._done(frame, stage, total)

    @_engine_call
    def unbox(self, path: str, kind: str, options: str, ctx: str, site: CallSite, *thresholds: int) -> JvmDynamicFrame:
        """Unbox."""
        return self._done(unbox.unbox(self.frame, path, kind, options, (site.site, site.info)), *thresholds)

    @_engine_call
    def unnest(self, *options: Any) -> JvmDynamicFrame:
        """UnnestFrame."""
        return self._done(flatten.unnest(tighten(self.frame)), *options)

    @_engine_call
    def relationalize(
        self, root: str, staging: str, _given: JsonOptions, ctx: str, *options: Any
    ) -> list[JvmDynamicFrame]:
        """Relationalize."""
        return [self._done(f, *options) for f in flatten.relationalize(tighten(self.frame), root, staging, ctx)]

    @_engine_call
    def unnestDDBJson(self, *options: Any) -> JvmDynamicFrame:
        """unnest_ddb_json."""
        return self._done(ddb_json.unnest(self.frame), *options)

    @_engine_call
    def simplifyDDBJson(self) -> JvmDynamicFrame:
        """simplify_ddb_json."""
        return self._done(ddb_json.simplify(self.frame))

    # -- rows

    @_engine_call
    def splitRows(self, paths: Any, values: Any, operators: Any, *options: Any) -> list[JvmDynamicFrame]:
        """SplitRows."""
        tests = list(zip(items(paths), items(values), items(operators), strict=True))
        return [self._done(f, *options) for f in rows.split_rows(self.frame, tests)]

    @_engine_call
    def join(self, left: Any, right: Any, other: JvmDynamicFrame, *options: Any) -> JvmDynamicFrame:
        """Join."""
        return self._done(rows.join(self.frame, other.frame, items(left), items(right)), *options)

    @_engine_call
    def union(self, other: JvmDynamicFrame, *options: Any) -> JvmDynamicFrame:
        """Union."""
        return self._done(rows.union(self.frame, other.frame), *options)

    @_engine_call
    def mergeDynamicFrames(self, stage: JvmDynamicFrame, keys: Any, *options: Any) -> JvmDynamicFrame:
        """MergeDynamicFrame."""
        return self._done(rows.merge_frames(self.frame, stage.frame, items(keys)), *options)

    def repartition(self, number: int, *options: Any) -> JvmDynamicFrame:
        """Shuffle into a number of partitions."""
        return self._done(self.frame.derive(self.frame.data.repartition(number)), *options)

    def coalesce(self, number: int, shuffle: bool, *options: Any) -> JvmDynamicFrame:
        """Reduce the number of partitions."""
        data = self.frame.data
        return self._done(self.frame.derive(data.repartition(number) if shuffle else data.coalesce(number)), *options)

    @_engine_call
    def spigot(self, path: str, given: JsonOptions, *options: Any) -> JvmDynamicFrame:
        """Write a sample as JSON and pass the records on."""
        sinks.write_sample(self.frame, path, given.values)
        return self._done(self.frame, *options)
