"""The nodes of a tree are the parser's own walk."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import expressions as exp

from lakeshift.redshift.walking import nodes, nodes_of

TREES = {
    "a leaf": "SELECT 1",
    "lists and single arguments": "SELECT a, sum(b) FROM t JOIN u ON t.x = u.x WHERE c IN (1, 2) GROUP BY a ORDER BY 1",
    "queries in queries": "WITH q AS (SELECT 1 AS a) SELECT (SELECT max(a) FROM q) FROM (SELECT 1 UNION SELECT 2) s",
    "a statement of DML": "UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END WHERE c = 'x'",
}


@pytest.mark.parametrize("sql", TREES.values(), ids=TREES.keys())
def test_same_nodes_in_the_same_order(sql: str) -> None:
    tree = sqlglot.parse_one(sql, read="redshift")
    assert list(map(id, nodes(tree))) == list(map(id, tree.walk()))


def test_of_kinds() -> None:
    tree = sqlglot.parse_one("SELECT a FROM t WHERE b = 'x'", read="redshift")
    assert [type(node) for node in nodes_of(tree, exp.Column, exp.Table)] == [exp.Column, exp.Table, exp.Column]
