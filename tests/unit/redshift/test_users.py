"""Users, groups, roles and databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lakeshift.redshift import RedshiftError, Session, Warehouse
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.users import Users, md5_of, password_hash

_GOOD = "Abcdefg1"


@pytest.fixture
def admin(shared: Warehouse) -> Iterator[Session]:
    """A superuser's session whose changes of the cluster's users are undone."""
    session = shared.session("users", "tester")
    session.execute("BEGIN")
    yield session
    session.execute("ROLLBACK")
    session.close()


@pytest.fixture
def users(admin: Session) -> Users:
    connection: Connection = admin.catalog._connection
    return Users(connection)


PASSWORDS = {
    "too short": ("Abc1", "between 8 and 64"),
    "no uppercase": ("abcdefg1", "uppercase"),
    "no lowercase": ("ABCDEFG1", "lowercase"),
    "no number": ("Abcdefgh", "number"),
    "a quote": ("Abcdefg1'", "not allowed"),
    "a blank": ("Abcdefg 1", "not allowed"),
    "an unknown digest": ("sha256|xyz|salt", "invalid sha256"),
}


@pytest.mark.parametrize("case", PASSWORDS)
def test_password_is_refused_for(case: str) -> None:
    password, text = PASSWORDS[case]
    with pytest.raises(RedshiftError, match=text):
        password_hash("ann", password)


@pytest.mark.parametrize("written", [_GOOD, md5_of("ann", _GOOD), f"sha256|{_GOOD}"], ids=["plain", "md5", "sha256"])
def test_password_is_kept_as_a_hash_that_knows_it(admin: Session, users: Users, written: str) -> None:
    admin.execute(f"CREATE USER ann PASSWORD '{written}'")
    kept = users.need("ann").password
    assert kept is not None
    assert _GOOD not in kept
    assert users.password_is_right("ann", _GOOD)
    assert not users.password_is_right("ann", "Abcdefg2")


def test_disabled_password_lets_nobody_in(admin: Session, users: Users) -> None:
    admin.execute("CREATE USER ann PASSWORD DISABLE")
    assert not users.password_is_right("ann", "")


def test_options_of_a_user_are_kept(admin: Session, users: Users) -> None:
    admin.execute(
        f"CREATE USER ann WITH PASSWORD '{_GOOD}' CREATEDB CREATEUSER SYSLOG ACCESS UNRESTRICTED "
        "VALID UNTIL '2030-01-01' CONNECTION LIMIT 7 SESSION TIMEOUT 120"
    )
    ann = users.need("ann")
    told = (ann.createdb, ann.superuser, ann.syslog, str(ann.valid_until), ann.connection_limit, ann.session_timeout)
    assert told == (True, True, True, "2030-01-01 00:00:00", "7", 120)


def test_membership_is_by_group_and_by_role_of_a_role(admin: Session, users: Users) -> None:
    admin.execute("CREATE GROUP readers")
    admin.execute(f"CREATE USER ann PASSWORD '{_GOOD}' IN GROUP readers")
    for sql in ("CREATE ROLE low", "CREATE ROLE high", "GRANT ROLE low TO ROLE high", "GRANT ROLE high TO ann"):
        admin.execute(sql)
    assert users.grantees("ann") == {"ann", "public", "group readers", "role low", "role high"}
    admin.execute("REVOKE ROLE high FROM ann")
    admin.execute("ALTER GROUP readers DROP USER ann")
    assert users.grantees("ann") == {"ann", "public"}


def test_renamed_user_keeps_its_groups_and_loses_its_password(admin: Session, users: Users) -> None:
    admin.execute(f"CREATE USER ann PASSWORD '{_GOOD}'")
    admin.execute("CREATE GROUP readers WITH USER ann")
    admin.execute("ALTER USER ann RENAME TO eve")
    assert users.find("ann") is None
    assert users.need("eve").password is None
    assert "group readers" in users.grantees("eve")


def test_rollback_undoes_a_user(shared: Warehouse) -> None:
    session = shared.session("users", "tester")
    session.execute("BEGIN")
    session.execute(f"CREATE USER gone PASSWORD '{_GOOD}'")
    session.execute("ROLLBACK")
    session.close()
    assert shared.user("gone") is None


REFUSED = {
    "a user that is there": (("CREATE USER ann PASSWORD 'Abcdefg1'",) * 2, "42710"),
    "a user that is not": (("ALTER USER nobody CREATEDB",), "42704"),
    "an unknown group": (("CREATE USER ann PASSWORD 'Abcdefg1' IN GROUP nothing",), "42704"),
    "no password": (("CREATE USER ann",), "42601"),
    "dropping oneself": (("DROP USER tester",), "55006"),
    "a role in a circle": (
        ("CREATE ROLE a", "CREATE ROLE b", "GRANT ROLE a TO ROLE b", "GRANT ROLE b TO ROLE a"),
        "0LP01",
    ),
    "a user with privileges": (
        ("CREATE USER ann PASSWORD 'Abcdefg1'", "CREATE SCHEMA s1", "GRANT USAGE ON SCHEMA s1 TO ann", "DROP USER ann"),
        "2BP01",
    ),
    "a database in a transaction": (("CREATE DATABASE inside",), "25001"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_is(admin: Session, case: str) -> None:
    statements, state = REFUSED[case]
    for sql in statements[:-1]:
        admin.execute(sql)
    with pytest.raises(RedshiftError) as caught:
        admin.execute(statements[-1])
    assert caught.value.sqlstate == state


def test_only_a_superuser_makes_users_and_all_change_their_password(shared: Warehouse, admin: Session) -> None:
    shared.ensure_user("plain")
    session = shared.connect("users", "plain")
    with pytest.raises(RedshiftError, match="must be superuser"):
        session.execute(f"CREATE USER more PASSWORD '{_GOOD}'")
    session.execute(f"ALTER USER plain PASSWORD '{_GOOD}'")
    session.close()
    assert shared.password_is_right("plain", _GOOD)


@pytest.fixture
def connect(shared: Warehouse) -> Iterator[Callable[[str, str], Session]]:
    opened: list[Session] = []

    def run(database: str, user: str) -> Session:
        opened.append(shared.connect(database, user))
        return opened[-1]

    shared.session("users", "tester").close()
    yield run
    for session in opened:
        session.close()


def test_databases_are_apart_and_read_each_other(connect: Callable[[str, str], Session]) -> None:
    here = connect("users", "tester")
    here.execute("CREATE DATABASE second")
    there = connect("second", "tester")
    there.execute("CREATE TABLE public.t AS SELECT 7 AS a")
    assert here.execute("SELECT a FROM second.public.t").rows == [(7,)]
    with pytest.raises(RedshiftError, match="does not exist"):
        here.execute("SELECT a FROM t")
    with pytest.raises(RedshiftError, match="accessed by other users"):
        here.execute("DROP DATABASE second")
    there.close()
    here.execute("DROP DATABASE second")
    with pytest.raises(RedshiftError, match='database "second" does not exist'):
        connect("second", "tester")


def test_other_database_cannot_be_written(connect: Callable[[str, str], Session], shared: Warehouse) -> None:
    other = shared.session("written", "tester")
    other.execute("CREATE TABLE public.t (a INTEGER)")
    other.close()
    here = connect("users", "tester")
    for sql in (
        "INSERT INTO written.public.t VALUES (1)",
        "DELETE FROM written.public.t",
        "DROP TABLE written.public.t",
        "ALTER TABLE written.public.t ADD COLUMN b INTEGER",
        "TRUNCATE written.public.t",
        "UPDATE written.public.t SET a = 1",
    ):
        with pytest.raises(RedshiftError, match="cross-database"):
            here.execute(sql)


def test_unknown_user_cannot_connect(connect: Callable[[str, str], Session]) -> None:
    with pytest.raises(RedshiftError, match='user "stranger" does not exist'):
        connect("users", "stranger")


def test_connection_limit_of_a_database_is_kept(connect: Callable[[str, str], Session], shared: Warehouse) -> None:
    shared.ensure_user("plain")
    connect("users", "tester").execute("CREATE DATABASE narrow CONNECTION LIMIT 1")
    first = connect("narrow", "plain")
    with pytest.raises(RedshiftError, match="too many connections"):
        connect("narrow", "plain")
    first.close()
    connect("users", "tester").execute("DROP DATABASE narrow")
