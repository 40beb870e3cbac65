from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest

from lakeshift.glue_runtime.engine.frame import case_sensitive

KEY = "spark.sql.caseSensitive"


class Conf(dict[str, str]):
    """A session's settings."""

    set = dict.__setitem__


def session(setting: str) -> tuple[Any, Conf]:
    conf = Conf({KEY: setting})
    return SimpleNamespace(_jsparkSession=SimpleNamespace(conf=lambda: conf)), conf


@pytest.mark.parametrize("setting", ["false", "true"])
@pytest.mark.parametrize("first", [0, 1], ids=["the_first_ends_first", "the_second_ends_first"])
def test_names_are_told_apart_until_the_last_call_is_over(setting: str, first: int) -> None:
    spark, conf = session(setting)
    calls = [ExitStack(), ExitStack()]  # of two threads, or one within the other
    for call in calls:
        call.enter_context(case_sensitive(spark))
        assert conf[KEY] == "true"
    calls[first].close()
    assert conf[KEY] == "true"
    calls[1 - first].close()
    assert conf[KEY] == setting


def test_a_call_that_fails_puts_the_setting_back() -> None:
    spark, conf = session("false")
    with pytest.raises(ValueError, match="no such column"), case_sensitive(spark):
        raise ValueError("no such column")
    assert conf[KEY] == "false"
