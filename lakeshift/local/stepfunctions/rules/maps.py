"""The fields of a Map state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lakeshift.local.stepfunctions.rules.problem import Problem, schema, whole

__all__ = ["map_fields"]

_DISTRIBUTED_ONLY: Final = ("ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount")
_READERS: Final = ("arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2")
_WRITER: Final = "arn:aws:states:::s3:putObject"
_TYPES: Final = ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")


def map_fields(definition: dict[str, Any], query: str, at: str, *, express: bool) -> Iterator[Problem]:
    """Modes, limits, readers and writers."""
    processor = definition.get("ItemProcessor") or definition.get("Iterator") or {}
    config = processor.get("ProcessorConfig") or {}
    mode = config.get("Mode", "INLINE")
    if mode not in ("INLINE", "DISTRIBUTED"):
        yield schema("Mode must be INLINE or DISTRIBUTED", f"{at}/ItemProcessor/ProcessorConfig/Mode")
    distributed = mode == "DISTRIBUTED"
    if distributed and config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        where = f"{at}/ItemProcessor/ProcessorConfig/ExecutionType"
        yield schema("ExecutionType must be STANDARD or EXPRESS", where)
    if distributed and express:
        yield schema("A distributed Map state is not supported in an EXPRESS state machine", at)
    for field in _DISTRIBUTED_ONLY if not distributed else ():
        if field in definition:
            yield schema(f"Field '{field}' is supported in a distributed Map state only", f"{at}/{field}")
    yield from _limits(definition, at)
    yield from _reader(definition.get("ItemReader"), query, at)
    yield from _writer(definition.get("ResultWriter"), query, at)


def _limits(definition: dict[str, Any], at: str) -> Iterator[Problem]:
    for field in ("MaxConcurrency", "ToleratedFailureCount"):
        value = definition.get(field, 0)
        if not isinstance(value, str) and not whole(value, 0):
            yield schema(f"{field} must be a whole number", f"{at}/{field}")
    share = definition.get("ToleratedFailurePercentage", 0)
    if not isinstance(share, str) and (isinstance(share, bool) or not 0 <= share <= 100):
        yield schema("ToleratedFailurePercentage must be from 0 to 100", f"{at}/ToleratedFailurePercentage")
    batcher = definition.get("ItemBatcher")
    if isinstance(batcher, dict) and not any(key.startswith(("MaxItems", "MaxInputBytes")) for key in batcher):
        yield schema("ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch", f"{at}/ItemBatcher")


def _reader(reader: Any, query: str, at: str) -> Iterator[Problem]:
    if reader is None:
        return
    place, arguments = f"{at}/ItemReader", "Arguments" if query == "JSONata" else "Parameters"
    if reader.get("Resource") not in _READERS:
        yield schema(f"The resource must be {' or '.join(_READERS)}", f"{place}/Resource")
    if arguments not in reader:
        yield schema(f"An ItemReader needs {arguments}", place)
    config = reader.get("ReaderConfig") or {}
    if str(reader.get("Resource")).endswith("getObject") and config.get("InputType") not in _TYPES:
        yield schema(f"InputType must be one of {', '.join(_TYPES)}", f"{place}/ReaderConfig/InputType")
    if config.get("InputType") == "CSV" and config.get("CSVHeaderLocation") not in ("FIRST_ROW", "GIVEN"):
        yield schema("CSVHeaderLocation must be FIRST_ROW or GIVEN", f"{place}/ReaderConfig/CSVHeaderLocation")
    if config.get("CSVHeaderLocation") == "GIVEN" and not config.get("CSVHeaders"):
        yield schema("CSVHeaders are needed", f"{place}/ReaderConfig/CSVHeaders")
    if config.get("Transformation", "NONE") not in ("NONE", "LOAD_AND_FLATTEN"):
        yield schema("Transformation must be NONE or LOAD_AND_FLATTEN", f"{place}/ReaderConfig/Transformation")


def _writer(writer: Any, query: str, at: str) -> Iterator[Problem]:
    if writer is None:
        return
    arguments = "Arguments" if query == "JSONata" else "Parameters"
    if "Resource" in writer and writer["Resource"] != _WRITER:
        yield schema(f"The resource must be {_WRITER}", f"{at}/ResultWriter/Resource")
    if ("Resource" in writer) != (arguments in writer):
        yield schema(f"A ResultWriter has Resource and {arguments} together", f"{at}/ResultWriter")
    config = writer.get("WriterConfig") or {}
    if config.get("Transformation", "NONE") not in ("NONE", "COMPACT", "FLATTEN"):
        yield schema(
            "Transformation must be NONE, COMPACT or FLATTEN", f"{at}/ResultWriter/WriterConfig/Transformation"
        )
    if config.get("OutputType", "JSON") not in ("JSON", "JSONL"):
        yield schema("OutputType must be JSON or JSONL", f"{at}/ResultWriter/WriterConfig/OutputType")
