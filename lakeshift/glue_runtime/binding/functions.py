"""Column functions and the DataFrame transform that the library takes from the JVM."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812

from lakeshift.glue_runtime.binding.dynamic_frame import data_frame, session
from lakeshift.glue_runtime.binding.values import items
from lakeshift.glue_runtime.engine import fields
from lakeshift.glue_runtime.engine.frame import GlueFrame, case_sensitive
from lakeshift.glue_runtime.engine.rewrite import resolve_to_structs

__all__ = ["AWSConnectionUtils", "DataFrameApplyMapping", "GlueFunctions"]

# ruff: noqa: N802


class GlueFunctions:
    """``gluefunctions``: what `awsglue.functions` calls. No page documents them; they do what their names say."""

    @staticmethod
    def namedStruct(columns: Any) -> Any:
        """A struct of the columns, named as they are."""
        return F.struct(*[Column(column) for column in items(columns)])._jc

    @staticmethod
    def explodeWithIndex(column: Any) -> Any:
        """A row for each element, with its index from 0."""
        return F.posexplode(Column(column))._jc

    @staticmethod
    def replaceArrayElement(source: Any, replacement: Any, index: int) -> Any:
        """The array with the element at ``index``, from 0, replaced."""
        new = Column(replacement)
        return F.transform(Column(source), lambda item, at: F.when(at == index, new).otherwise(item))._jc


class DataFrameApplyMapping:
    """``dataframeTransforms.ApplyMapping``: ApplyMapping from DataFrame to DataFrame."""

    @staticmethod
    def apply(jdf: Any, specs: Any) -> Any:
        """Map the columns as the transform of DynamicFrames does."""
        mappings = [fields.Mapping.of(spec) for spec in items(specs)]
        with case_sensitive(session()):
            made = fields.apply_mapping(GlueFrame(data_frame(jdf)), mappings, case_sensitive=False)
            return resolve_to_structs(made.data)._jdf


class AWSConnectionUtils:
    """How `awsglue.devutils` reaches Glue: the endpoint and the region of this process's environment."""

    @staticmethod
    def getGlueProxyUrl() -> str:
        """No proxy: the text the library takes for none."""
        return "https://null:-1"

    @staticmethod
    def getGlueEndpoint() -> str:
        """The endpoint as boto3 finds it."""
        import boto3

        return str(boto3.client("glue").meta.endpoint_url)

    @staticmethod
    def getRegion() -> str:
        """The region."""
        import boto3

        return str(boto3.client("glue").meta.region_name)
