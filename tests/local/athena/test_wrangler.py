"""aws-sdk-pandas reads by Athena as it does on AWS: through a table it creates, and from the result's file."""

from __future__ import annotations

import pytest

from lakeshift.local.server import LocalAws
from tests.local.athena.conftest import BUCKET, Athena


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("through_a_table", [True, False])
def test_read_sql_query(athena: Athena, local_aws: LocalAws, through_a_table: bool) -> None:
    wr = pytest.importorskip("awswrangler")
    for service in ("athena", "glue", "s3", "sts"):
        setattr(wr.config, f"{service}_endpoint_url", local_aws.endpoint)
    frame = wr.athena.read_sql_query(
        "SELECT 1 AS a, 'x' AS b, date '2013-01-02' AS d",
        database=athena.database,
        s3_output=f"s3://{BUCKET}/wrangler/{through_a_table}/",
        ctas_approach=through_a_table,
    )
    assert [(int(row.a), row.b, str(row.d)) for row in frame.itertuples()] == [(1, "x", "2013-01-02")]
