from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lakeshift.local.firehose.prefix import Moment, PrefixError, error_prefix, evaluate, expressions, object_prefix

AT = datetime(2013, 7, 4, 5, 6, 7, tzinfo=UTC)
MOMENT = Moment(AT, lambda: "Ab3", {"year": "2013"}, "processing-failed")

PREFIXES = {
    "none": ("", "2013/07/04/05/"),
    "plain text is followed by the hour": ("weather/", "weather/2013/07/04/05/"),
    "plain text without a slash": ("weather", "weather2013/07/04/05/"),
    "a timestamp stands alone": ("w/!{timestamp:yyyy-MM-dd}/", "w/2013-07-04/"),
    "quoted letters": ("!{timestamp:'year='yyyy'/month='MM}/", "year=2013/month=07/"),
    "one-digit fields": ("!{timestamp:yyyy/M/d/H}/", "2013/7/4/5/"),
    "a key": ("y=!{partitionKeyFromQuery:year}/", "y=2013/"),
    "a random string": ("r-!{firehose:random-string}/", "r-Ab3/"),
}
ERRORS = {
    "none": ("w/", None, "w/processing-failed/2013/07/04/05/"),
    "plain": ("w/", "errors/", "errors/processing-failed/2013/07/04/05/"),
    "custom": ("w/", "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/", "errors/processing-failed/2013/"),
}
WRONG = ["!{timestamp}", "!{other:x}", "!{firehose:name}", "!{timestamp:yyyyQ}", "a!{", "!{partitionKeyFromLambda:x}"]


@pytest.mark.parametrize(("prefix", "key"), PREFIXES.values(), ids=PREFIXES)
def test_a_prefix_is_evaluated(prefix: str, key: str) -> None:
    assert object_prefix(prefix, MOMENT) == key


@pytest.mark.parametrize(("prefix", "error", "key"), ERRORS.values(), ids=ERRORS)
def test_an_error_prefix_is_evaluated(prefix: str, error: str | None, key: str) -> None:
    assert error_prefix(prefix, error, MOMENT) == key


@pytest.mark.parametrize("prefix", WRONG)
def test_what_is_no_expression_is_refused(prefix: str) -> None:
    with pytest.raises(PrefixError):
        expressions(prefix)


def test_a_key_that_the_record_lacks_is_told() -> None:
    with pytest.raises(PrefixError, match="month"):
        evaluate("!{partitionKeyFromQuery:month}", MOMENT)
