"""A script's own extensions come beside the Data Catalog's."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakeshift.glue_runtime.spark_run import keep_catalog

OURS = "lakeshift.catalog.CatalogExtension"
ICEBERG = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"


class Conf:
    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def set(self, key: str, value: str) -> Conf:
        self.held[key] = value
        return self


@pytest.mark.parametrize(
    ("key", "given", "held"),
    [
        pytest.param("spark.sql.extensions", ICEBERG, f"{OURS},{ICEBERG}", id="the-script-names-its-own"),
        pytest.param("spark.sql.extensions", f"{OURS},{ICEBERG}", f"{OURS},{ICEBERG}", id="both-are-there"),
        pytest.param("spark.app.name", "x", "x", id="other-settings-stay"),
    ],
)
def test_the_catalog_stays_whatever_a_script_sets(key: str, given: str, held: str) -> None:
    kept: Any = type("Kept", (Conf,), {"set": Conf.set})
    keep_catalog(kept)
    assert kept().set(key, given).held == {key: held}


def test_a_builder_of_pyspark_hands_its_settings_to_such_a_conf() -> None:
    """What ``keep_catalog`` stands on: getOrCreate sets each option on a SparkConf."""
    names = SparkSession.Builder.getOrCreate.__code__.co_names
    assert {"SparkConf", "set"} <= set(names)
