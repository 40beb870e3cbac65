"""What a user who is no superuser may do, and how Redshift says that it may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse
from lakeshift.redshift.privileges import Identity


@pytest.fixture
def owner(shared: Warehouse, request: pytest.FixtureRequest) -> Iterator[Session]:
    session = shared.session(f"rights{abs(hash(request.node.nodeid))}", "boss")
    session.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SCHEMA s; CREATE TABLE s.x (a int)")
    session.execute(
        "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW late AS SELECT a FROM public.t WITH NO SCHEMA BINDING"
    )
    session.execute("CREATE TABLE u (a int)")
    yield session
    session.close()


@pytest.fixture
def user(shared: Warehouse, owner: Session) -> Iterator[Session]:
    session = shared.session(owner.database, "ann")
    session.identity = Identity("ann", superuser=False, grantees=frozenset({"group bi", "role etl"}))
    yield session
    session.close()


DENIED = [
    ("SELECT", "SELECT * FROM t", "permission denied for relation t"),
    ("INSERT", "INSERT INTO t VALUES (2)", "permission denied for relation t"),
    ("UPDATE", "UPDATE t SET a = 2", "permission denied for relation t"),
    ("DELETE", "DELETE FROM t", "permission denied for relation t"),
    (
        "MERGE",
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET a = 1 "
        "WHEN NOT MATCHED THEN INSERT VALUES (u.a)",
        "permission denied for relation t",
    ),
    ("a view", "SELECT * FROM v", "permission denied for relation v"),
    ("a late-binding view", "SELECT * FROM late", "permission denied for relation late"),
    ("a schema", "SELECT * FROM s.x", "permission denied for schema s"),
    ("a new table", "CREATE TABLE s.y (a int)", "permission denied for schema s"),
    ("DROP", "DROP TABLE t", "must be owner of relation t"),
    ("ALTER", "ALTER TABLE t ADD COLUMN b int", "must be owner of relation t"),
    ("TRUNCATE", "TRUNCATE t", "must be owner of relation t"),
    ("GRANT", "GRANT SELECT ON t TO ann", "permission denied for relation t"),
    ("UNLOAD", "UNLOAD ('SELECT * FROM t') TO 's3://bucket/x' IAM_ROLE default", "permission denied for relation t"),
    ("a subquery", "SELECT (SELECT MAX(a) FROM t)", "permission denied for relation t"),
]


@pytest.mark.parametrize(("sql", "words"), [case[1:] for case in DENIED], ids=[case[0] for case in DENIED])
def test_denied(user: Session, sql: str, words: str) -> None:
    with pytest.raises(RedshiftError) as caught:
        user.execute(sql)
    assert words in str(caught.value)
    assert caught.value.sqlstate == "42501"


GRANTED = [
    ("to the user", "GRANT SELECT ON t TO ann", "SELECT a FROM t"),
    ("to PUBLIC", "GRANT SELECT ON t TO PUBLIC", "SELECT a FROM t"),
    ("to a group", "GRANT SELECT ON t TO GROUP bi", "SELECT a FROM t"),
    ("to a role", "GRANT SELECT ON t TO ROLE etl", "SELECT a FROM t"),
    ("ALL", "GRANT ALL ON t TO ann", "DELETE FROM t"),
    ("of all tables", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ann", "SELECT a FROM u"),
    ("on the view alone", "GRANT SELECT ON v TO ann", "SELECT a FROM v"),
    ("on the late-binding view alone", "GRANT SELECT ON late TO ann", "SELECT a FROM late"),
]


@pytest.mark.parametrize(("grant", "sql"), [case[1:] for case in GRANTED], ids=[case[0] for case in GRANTED])
def test_granted_and_revoked(owner: Session, user: Session, grant: str, sql: str) -> None:
    owner.execute(grant)
    user.execute(sql)
    owner.execute(grant.replace("GRANT", "REVOKE").replace(" TO ", " FROM "))
    with pytest.raises(RedshiftError, match="permission denied"):
        user.execute(sql)


def test_what_one_makes_is_ones_own(user: Session) -> None:
    user.execute("CREATE TABLE mine (a int); INSERT INTO mine VALUES (1); CREATE TEMP TABLE tmp AS SELECT a FROM mine")
    assert user.execute("SELECT COUNT(*) FROM tmp, mine").rows == [(1,)]
    user.execute("DROP TABLE mine")


def test_has_table_privilege_tells_the_same(owner: Session, user: Session) -> None:
    assert user.execute("SELECT HAS_TABLE_PRIVILEGE('t', 'select')").rows == [(False,)]
    owner.execute("GRANT SELECT ON t TO ann")
    assert user.execute("SELECT HAS_TABLE_PRIVILEGE('t', 'select'), HAS_TABLE_PRIVILEGE('t', 'insert')").rows == [
        (True, False)
    ]
