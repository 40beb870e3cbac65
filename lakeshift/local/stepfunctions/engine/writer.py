"""The ResultWriter of a distributed Map state: the children's results as files in S3.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from lakeshift.local.stepfunctions import tasks
from lakeshift.local.stepfunctions.engine.state import Visit
from lakeshift.local.stepfunctions.language.failure import StateFailure

__all__ = ["transformed", "write_results"]

_FOLDERS = (("SUCCEEDED", ("SUCCEEDED",)), ("FAILED", ("FAILED", "TIMED_OUT", "ABORTED")))


def transformed(visit: Visit, results: list[dict[str, Any]]) -> list[Any]:
    """Results by ``WriterConfig.Transformation``: whole descriptions, outputs alone, or outputs flattened."""
    writer = visit.definition.get("ResultWriter", {})
    how = writer.get("WriterConfig", {}).get("Transformation", "NONE" if _where(writer) else "COMPACT")
    if how == "NONE":
        return results
    outputs = [json.loads(one["Output"]) if "Output" in one else _failed(one) for one in results]
    if how == "COMPACT":
        return outputs
    return [item for output in outputs for item in (output if isinstance(output, list) else [output])]


def write_results(visit: Visit, map_run: str, results: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Write manifest and results, and tell where; None where the state has no place for them. Raises StateFailure."""
    writer = visit.definition.get("ResultWriter", {})
    given = _where(writer)
    if given is None:
        return None
    where = visit.filled(given, "ResultWriter")
    bucket, prefix = where["Bucket"], where.get("Prefix", "").strip("/")
    folder = "/".join(part for part in (prefix, map_run.rpartition(":")[2]) if part)
    lines = writer.get("WriterConfig", {}).get("OutputType", "JSON") == "JSONL"
    s3 = tasks.client("s3", visit.scope.run.region)
    files: dict[str, list[dict[str, Any]]] = {"SUCCEEDED": [], "FAILED": [], "PENDING": []}
    try:
        for name, statuses in _FOLDERS:
            found = transformed(visit, [one for one in results if one["Status"] in statuses])
            if found:
                key = f"{folder}/{name}_0.{'jsonl' if lines else 'json'}"
                text = "".join(json.dumps(one) + "\n" for one in found) if lines else json.dumps(found)
                s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
                files[name].append({"Key": key, "Size": len(text.encode())})
        manifest = {"DestinationBucket": bucket, "MapRunArn": map_run, "ResultFiles": files}
        s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())
    except ClientError as error:
        raise StateFailure("States.ResultWriterFailed", error.response["Error"]["Message"]) from error
    return {"MapRunArn": map_run, "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"}}


def _where(writer: dict[str, Any]) -> Any:
    return writer.get("Parameters") or writer.get("Arguments")


def _failed(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in ("Error", "Cause") if name in result}
