"""What a user who is no superuser may do, and how Redshift says that it may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse


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


@pytest.fixture(scope="module")
def amy(shared: Warehouse) -> str:
    """A user in a group and a role."""
    session = shared.session("principals", "boss")
    session.execute("CREATE USER amy PASSWORD DISABLE; CREATE GROUP amys WITH USER amy; CREATE ROLE amy_etl")
    session.execute("GRANT ROLE amy_etl TO amy")
    session.close()
    return "amy"


@pytest.fixture
def user(shared: Warehouse, owner: Session, amy: str) -> Iterator[Session]:
    session = shared.connect(owner.database, amy)
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
    ("GRANT", "GRANT SELECT ON t TO amy", "permission denied for relation t"),
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
    ("to the user", "GRANT SELECT ON t TO amy", "SELECT a FROM t"),
    ("to PUBLIC", "GRANT SELECT ON t TO PUBLIC", "SELECT a FROM t"),
    ("to a group", "GRANT SELECT ON t TO GROUP amys", "SELECT a FROM t"),
    ("to a role", "GRANT SELECT ON t TO ROLE amy_etl", "SELECT a FROM t"),
    ("ALL", "GRANT ALL ON t TO amy", "DELETE FROM t"),
    ("of all tables", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO amy", "SELECT a FROM u"),
    ("on the view alone", "GRANT SELECT ON v TO amy", "SELECT a FROM v"),
    ("on the late-binding view alone", "GRANT SELECT ON late TO amy", "SELECT a FROM late"),
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
    owner.execute("GRANT SELECT ON t TO amy")
    assert user.execute("SELECT HAS_TABLE_PRIVILEGE('t', 'select'), HAS_TABLE_PRIVILEGE('t', 'insert')").rows == [
        (True, False)
    ]


TOLD = [
    ("a user's own table", "has_table_privilege('mine', 'delete')", None, True),
    ("a table of somebody else", "has_table_privilege('public.t', 'select')", None, False),
    ("a grant to a group", "has_table_privilege('t', 'select')", "GRANT SELECT ON t TO GROUP amys", True),
    ("a grant to a role", "has_table_privilege('t', 'select')", "GRANT SELECT ON t TO ROLE amy_etl", True),
    (
        "a grant on all tables",
        "has_table_privilege('s.x', 'update')",
        "GRANT UPDATE ON ALL TABLES IN SCHEMA s TO amy",
        True,
    ),
    ("another user", "has_table_privilege('boss', 't', 'select')", None, True),
    ("a schema", "has_schema_privilege('s', 'usage')", None, False),
    ("a schema granted", "has_schema_privilege('s', 'usage')", "GRANT USAGE ON SCHEMA s TO ROLE amy_etl", True),
    ("public", "has_schema_privilege('public', 'create')", None, True),
    ("the database", "has_database_privilege(current_database(), 'create')", None, False),
    (
        "a table by its oid",
        "has_table_privilege((SELECT oid FROM pg_class WHERE relname = 't'), 'select')",
        "GRANT SELECT ON t TO amy",
        True,
    ),
    (
        "a user by its number",
        "has_table_privilege((SELECT usesysid FROM pg_user WHERE usename = 'boss'), 't', 'select')",
        None,
        True,
    ),
    (
        "a schema by its oid",
        "has_schema_privilege((SELECT oid FROM pg_namespace WHERE nspname = 's'), 'usage')",
        None,
        False,
    ),
]


@pytest.mark.parametrize(("call", "grant", "told"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_leader_node_tells_of(owner: Session, user: Session, call: str, grant: str | None, told: bool) -> None:
    user.execute("CREATE TABLE mine (a int)")
    if grant is not None:
        owner.execute(grant)
    assert user.execute(f"SELECT {call}").rows == [(told,)]
    assert user.execute(f"SELECT nspname, {call} FROM pg_namespace WHERE nspname = 'public'").rows == [("public", told)]


def test_query_asked_again_is_asked_whether_it_may(owner: Session, user: Session) -> None:
    owner.execute("GRANT SELECT ON t TO ROLE amy_etl")
    for _ in range(2):
        assert user.execute("SELECT a FROM t").rows == [(1,)]
    owner.execute("REVOKE ROLE amy_etl FROM amy")
    try:
        with pytest.raises(RedshiftError, match="permission denied for relation t"):
            user.execute("SELECT a FROM t")
    finally:
        owner.execute("GRANT ROLE amy_etl TO amy")
    assert user.execute("SELECT a FROM t").rows == [(1,)]


def test_query_asked_again_is_written_with_the_function_of_now(session: Session) -> None:
    made = "CREATE OR REPLACE FUNCTION f_more (int) RETURNS int IMMUTABLE AS $$ SELECT $1 + {} $$ LANGUAGE sql"
    for more in (1, 2):
        session.execute(made.format(more))
        assert session.execute("SELECT f_more(1)").rows == [(1 + more,)]


def test_query_asked_again_keeps_to_the_case_of_now(session: Session) -> None:
    session.execute("CREATE TABLE c (s super); INSERT INTO c SELECT JSON_PARSE('{\"Aa\": 1}')")
    asked = 'SELECT s."Aa" FROM c'
    assert session.execute(asked).rows == [(None,)]
    session.execute("SET enable_case_sensitive_identifier TO true; SET enable_case_sensitive_super_attribute TO true")
    assert session.execute(asked).rows == [("1",)]


def test_new_query_after_another_sessions_change_reads_the_table_of_now(shared: Warehouse, owner: Session) -> None:
    other = shared.connect(owner.database, "boss")
    try:
        assert other.execute("SELECT a FROM u").columns[0].type.name == "integer"
        owner.execute("DROP TABLE u; CREATE TABLE u (a varchar(5), b int)")
        assert other.execute("SELECT a AS x FROM u").columns[0].type.name == "character varying"
        owner.execute("DROP TABLE u")
        with pytest.raises(RedshiftError, match='relation "u" does not exist'):
            other.execute("SELECT a AS y FROM u")
    finally:
        other.close()


def test_new_query_knows_a_change_of_its_own_transaction_until_that_is_undone(session: Session) -> None:
    session.execute("CREATE TABLE k (a int)")
    session.execute("BEGIN")
    session.execute("SELECT * FROM k")
    session.execute("ALTER TABLE k ADD COLUMN b varchar(7)")
    described = session.execute("SELECT b FROM k").columns[0].type
    assert (described.name, described.length) == ("character varying", 7)
    session.execute("ROLLBACK")
    with pytest.raises(RedshiftError, match='column "b" does not exist'):
        session.execute("SELECT b AS again FROM k")


def test_new_query_knows_a_temporary_table_that_hides_another(session: Session) -> None:
    session.execute("CREATE TABLE h (a int); INSERT INTO h VALUES (1)")
    assert session.execute("SELECT a FROM h").rows == [(1,)]
    session.execute("CREATE TEMP TABLE h (a int); INSERT INTO h VALUES (2)")
    assert session.execute("SELECT a AS x FROM h").rows == [(2,)]
    session.execute("DROP TABLE h")
    assert session.execute("SELECT a AS y FROM h").rows == [(1,)]


def test_new_query_is_written_with_the_function_of_now(session: Session) -> None:
    made = "CREATE OR REPLACE FUNCTION f_less (int) RETURNS int IMMUTABLE AS $$ SELECT $1 - {} $$ LANGUAGE sql"
    for less in (1, 2):
        session.execute(made.format(less))
        assert session.execute(f"SELECT f_less(5), {less}").rows == [(5 - less, less)]


ROUTINES = [
    ("any user runs a function", "SELECT f(1)", [], None),
    (
        "not after it was taken from public",
        "SELECT f(1)",
        ["REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC"],
        "permission denied for function f",
    ),
    (
        "but with a grant to a group",
        "SELECT f(1)",
        ["REVOKE ALL ON FUNCTION f(int) FROM PUBLIC", "GRANT EXECUTE ON FUNCTION f(int) TO GROUP amys"],
        None,
    ),
    (
        "nor after public has it again",
        "SELECT f(1)",
        ["REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC", "GRANT EXECUTE ON FUNCTION f(int) TO PUBLIC"],
        None,
    ),
    ("a procedure is its owner's", "CALL p(1)", [], "permission denied for procedure p"),
    ("with a grant", "CALL p(1)", ["GRANT EXECUTE ON PROCEDURE p(int) TO amy"], None),
    (
        "taken again",
        "CALL p(1)",
        ["GRANT EXECUTE ON PROCEDURE p(int) TO amy", "REVOKE EXECUTE ON PROCEDURE p(int) FROM amy"],
        "permission denied for procedure p",
    ),
    ("all of a schema", "CALL p(1)", ["GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA public TO ROLE amy_etl"], None),
    ("in a schema without usage", "CALL s.q()", ["GRANT EXECUTE ON PROCEDURE s.q() TO amy"],
     "permission denied for schema s"),
    ("any user writes SQL", "CREATE FUNCTION g() RETURNS int STABLE AS $$ SELECT 1 $$ LANGUAGE sql", [], None),
    (
        "not after it was taken from public",
        "CREATE FUNCTION g() RETURNS int STABLE AS $$ SELECT 1 $$ LANGUAGE sql",
        ["REVOKE USAGE ON LANGUAGE sql FROM PUBLIC"],
        "permission denied for language sql",
    ),
    (
        "but with a grant to it",
        "CREATE FUNCTION g() RETURNS int STABLE AS $$ SELECT 1 $$ LANGUAGE sql",
        ["REVOKE USAGE ON LANGUAGE sql FROM PUBLIC", "GRANT USAGE ON LANGUAGE sql TO amy"],
        None,
    ),
    (
        "only its owner grants it",
        "GRANT EXECUTE ON PROCEDURE p(int) TO amy",
        [],
        "permission denied for procedure p",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "grants", "denied"), [case[1:] for case in ROUTINES], ids=[case[0] for case in ROUTINES]
)
def test_routines_and_languages(owner: Session, user: Session, sql: str, grants: list[str], denied: str | None) -> None:
    owner.execute("CREATE FUNCTION f(int) RETURNS int STABLE AS $$ SELECT $1 $$ LANGUAGE sql")
    owner.execute("CREATE PROCEDURE p(a int) AS $$ BEGIN a := 1; END; $$ LANGUAGE plpgsql")
    owner.execute("CREATE PROCEDURE s.q() AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql")
    for grant in grants:
        owner.execute(grant)
    if denied is None:
        user.execute(sql)
        return
    with pytest.raises(RedshiftError, match=denied) as caught:
        user.execute(sql)
    assert caught.value.sqlstate == "42501"


def test_grants_on_routines_are_told_and_go_with_them(owner: Session, amy: str) -> None:
    owner.execute("CREATE PROCEDURE p(a int) AS $$ BEGIN a := 1; END; $$ LANGUAGE plpgsql")
    owner.execute(f"GRANT EXECUTE ON PROCEDURE p(int) TO {amy}")
    told = "SELECT function_name, argument_types, privilege_type, identity_name FROM svv_function_privileges"
    assert owner.execute(told).rows == [("p", "integer", "EXECUTE", amy)]
    owner.execute("DROP PROCEDURE p(int)")
    assert owner.execute(told).rows == []
    with pytest.raises(RedshiftError, match='language "cobol" does not exist'):
        owner.execute(f"GRANT USAGE ON LANGUAGE cobol TO {amy}")
