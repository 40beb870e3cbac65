from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakeshift.local.server import LocalAws
from tests.local.firehose.flow import Flow


@pytest.fixture
def flow(local_aws: LocalAws) -> Iterator[Flow]:
    made = Flow(local_aws)
    yield made
    if made.name in made.client.list_delivery_streams(Limit=100)["DeliveryStreamNames"]:
        made.client.delete_delivery_stream(DeliveryStreamName=made.name)
