"""Listings are read to their last page."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshift.cli.pages import every

PAGES: dict[str, dict[str, Any]] = {
    "": {"Crawls": [1, 2], "NextToken": "two"},
    "two": {"NextToken": "three"},
    "three": {"Crawls": [3]},
}


class Listing:
    """A client whose operation has three pages, the second of them empty."""

    def __init__(self, paginates: bool) -> None:
        self._paginates = paginates

    def can_paginate(self, _: str) -> bool:
        return self._paginates

    def get_paginator(self, _: str) -> Listing:
        return self

    def paginate(self, CrawlerName: str) -> list[dict[str, Any]]:
        return [self.list_crawls(CrawlerName, token) for token in PAGES]

    def list_crawls(self, CrawlerName: str, NextToken: str = "") -> dict[str, Any]:
        assert CrawlerName == "flights"
        return PAGES[NextToken]


@pytest.mark.parametrize("paginates", [pytest.param(True, id="by-the-paginator"), pytest.param(False, id="by-tokens")])
def test_every_item_of_every_page_is_given(paginates: bool) -> None:
    assert list(every(Listing(paginates), "list_crawls", "Crawls", CrawlerName="flights")) == [1, 2, 3]
