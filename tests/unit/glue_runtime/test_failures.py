"""What a failed run says of an exception of Java."""

from __future__ import annotations

from pathlib import Path

from lakeshift.glue_runtime.outcome import describe_failure


class Java:
    def __init__(self, text: str, cause: Java | None = None) -> None:
        self._text, self._cause = text, cause

    def toString(self) -> str:
        return self._text

    def getCause(self) -> Java | None:
        return self._cause


class JavaError(Exception):
    def __init__(self, java: Java) -> None:
        super().__init__("An error occurred while calling o1.count.")
        self.java_exception = java


def test_the_exception_behind_the_others_is_told() -> None:
    cause = Java("java.io.IOException: Unable to parse file: torn.json (s3://b/torn.json is not encoded in UTF-8)")
    failed = Java("org.apache.spark.SparkException: Job aborted due to stage failure: ...", Java("wrapped", cause))
    told = describe_failure(JavaError(failed), Path("j.py"), "count")
    assert told == (
        "JavaError: java.io.IOException: Unable to parse file: torn.json (s3://b/torn.json is not encoded in UTF-8)"
        " (j.py; last Spark action: count)"
    )


def test_an_exception_that_causes_itself_ends() -> None:
    loop = Java("first\nsecond")
    loop._cause = loop
    assert describe_failure(JavaError(loop), Path("j.py")) == "JavaError: first (j.py)"
