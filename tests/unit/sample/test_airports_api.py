"""The airports API pages as it says and knows no other path."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from lakeshift.sample.airports_api import AirportsApi, documents


@pytest.fixture(scope="module")
def api() -> Iterator[AirportsApi]:
    server = AirportsApi([{"faa": f"A{number}"} for number in range(450)]).start()
    yield server
    server.stop()


def test_following_the_pages_gives_every_item_once(api: AirportsApi) -> None:
    page, found = 1, []
    while page is not None:
        with urllib.request.urlopen(f"{api.url}/airports?page={page}") as answer:
            document = json.load(answer)
        found += [item["faa"] for item in document["items"]]
        page = document["next_page"]
    assert found == [f"A{number}" for number in range(450)]


def test_another_path_is_not_found(api: AirportsApi) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        urllib.request.urlopen(f"{api.url}/planes")
    refused.value.close()


def test_there_is_a_document_for_each_airport_with_numbers_as_numbers() -> None:
    first = documents()[0]
    assert (len(documents()), first["faa"], first["alt"], first["lat"]) == (1_458, "04G", 1044, 41.1304722)
