"""The cost report: what is billed at least, whose bytes are whose, and how it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshift.cost.report import Measured, Run, lines, load_prices, place_of, text

GOLDEN = Path(__file__).with_name("report.txt")
TB = 10**12
MEASURED = Measured(
    stored={
        ("lakeshift_marts.flights_enriched", "STANDARD"): 2 * 10**9,
        ("lakeshift_raw.flights", "GLACIER"): 100 * 10**9,
        ("lakeshift_raw.flights", "STANDARD"): 10**9,
    },
    runs=[Run("flights_clean", 1_800, 2.0), Run("flights_clean", 10, 2.0), Run("nightly_small", 3_600, 2.0, flex=True)],
    crawls=[("raw-zone", 5.0), ("raw-zone", 1_200.0)],
    athena=[1_000, TB],
    spectrum=[20 * 10**6],
    alarms=6,
    metrics=12,
)


def test_the_report_reads_as_the_golden_file() -> None:
    prices = load_prices()
    assert text(lines(MEASURED, prices), prices) + "\n" == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("measured", "what", "amount", "usd"),
    [
        (Measured(runs=[Run("j", 10, 2.0)]), "job j", 2 / 60, 0.44 * 2 / 60),
        (Measured(runs=[Run("j", 3600, 2.0, flex=True)]), "job j (flex)", 2.0, 0.58),
        (Measured(crawls=[("c", 1.0)]), "crawler c", 2 / 6, 0.44 * 2 / 6),
        (Measured(athena=[1]), "athena, 1 queries", 0.01, 0.00005),
        (Measured(stored={("t", "DEEP_ARCHIVE"): 10**12}), "t DEEP_ARCHIVE", 1_000.0, 0.99),
        (Measured(alarms=3), "alarms", 3.0, 0.3),
    ],
    ids=["a-minute-at-least", "flex", "ten-minutes-of-a-crawl", "ten-megabytes-of-a-query", "deep-archive", "alarms"],
)
def test_what_is_billed(measured: Measured, what: str, amount: float, usd: float) -> None:
    (line,) = lines(measured, load_prices())
    assert (line.what, line.amount, line.usd) == (what, pytest.approx(amount), pytest.approx(usd))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://raw/flights/2026/a", "raw.flights"),
        ("s3://raw/flights/deep/a", "raw.deep"),
        ("s3://raw/other/a", "raw/other/"),
        ("s3://raw/a", "raw/"),
    ],
)
def test_an_object_belongs_to_the_table_of_the_longest_location(url: str, place: str) -> None:
    assert place_of(url, {"s3://raw/flights/": "raw.flights", "s3://raw/flights/deep/": "raw.deep"}) == place


def test_every_price_names_its_page() -> None:
    import yaml

    import lakeshift.cost.report as report

    document = yaml.safe_load(Path(report.__file__).with_name("prices.yaml").read_text())
    assert document["as_of"]
    for name, one in document["prices"].items():
        assert one["page"].startswith("https://aws.amazon.com/"), name
        assert one["usd"] > 0
