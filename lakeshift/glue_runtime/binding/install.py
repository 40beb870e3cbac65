"""Putting the binding where the `awsglue` library looks for its JVM classes.

py4j's view of the JVM asks the JVM only for names that the view object does not have; so setting attributes on that
one object is enough, and no class of pyspark, py4j or the library is changed.
"""

from __future__ import annotations

from typing import Any

from pyspark import SparkContext

from lakeshift.glue_runtime.binding.context import JvmGlueContext
from lakeshift.glue_runtime.binding.dynamic_frame import JvmDynamicFrame
from lakeshift.glue_runtime.binding.functions import AWSConnectionUtils, DataFrameApplyMapping, GlueFunctions
from lakeshift.glue_runtime.binding.job import JvmJob
from lakeshift.glue_runtime.binding.python_rdd import PythonRDD
from lakeshift.glue_runtime.binding.values import (
    CallSite,
    GlueLogger,
    GluePythonUtils,
    JsonOptions,
    MappingSpec,
    PythonUtils,
    RecordUtils,
    ResolveSpec,
    Scala,
    StreamingSource,
)

__all__ = ["install", "names"]


def names(view: Any) -> dict[str, Any]:
    """Return what the view of the JVM is given, by the names the library asks for; ``view`` is what is below."""
    return {
        "GlueContext": JvmGlueContext,
        "DynamicFrame": JvmDynamicFrame,
        "Job": JvmJob,
        "JsonOptions": JsonOptions,
        "CallSite": CallSite,
        "GlueLogger": GlueLogger,
        "GluePythonUtils": GluePythonUtils,
        "MappingSpec": MappingSpec,
        "ResolveSpec": ResolveSpec,
        "RecordUtils": RecordUtils,
        "StreamingSource": StreamingSource,
        "PythonRDD": PythonRDD(view.PythonRDD),
        "gluefunctions": GlueFunctions,
        "ApplyMapping": DataFrameApplyMapping,
        "AWSConnectionUtils": AWSConnectionUtils,
        "PythonUtils": PythonUtils(view.PythonUtils),
        "scala": Scala(view.scala),
    }


def install() -> None:
    """Start the gateway where it is not, and install the binding; doing it again changes nothing."""
    SparkContext._ensure_initialized()
    view: Any = SparkContext._jvm
    if isinstance(vars(view).get("Job"), type):
        return
    for name, value in names(view).items():
        setattr(view, name, value)
    # As it is, but looked for once: each time, the view goes through every import of the library's for it.
    view.functions = view.functions
