"""SHOW TABLE, VIEW, PROCEDURE, ALL and DATABASES; what is shown makes the object again."""

from __future__ import annotations

import pytest

from lakeshift.redshift import RedshiftError, Session

TABLES = {
    "attributes": (
        "CREATE TABLE t (a int PRIMARY KEY DISTKEY, b varchar(5) ENCODE zstd DEFAULT 'x', c decimal(8,2) NOT NULL, "
        "d bigint IDENTITY(1,1), e boolean) SORTKEY (a, c)",
        """CREATE TABLE public.t (
    a integer NOT NULL distkey ENCODE raw,
    b character varying(5) DEFAULT 'x' ENCODE zstd,
    c numeric(8,2) NOT NULL ENCODE raw,
    d bigint IDENTITY(1,1) NOT NULL ENCODE az64,
    e boolean ENCODE raw,
    PRIMARY KEY (a)
)
DISTSTYLE KEY
SORTKEY ( a, c );""",
    ),
    "nothing said": (
        "CREATE TABLE t (a int, b int)",
        """CREATE TABLE public.t (
    a integer ENCODE az64,
    b integer ENCODE az64
)
DISTSTYLE AUTO;""",
    ),
    "odd names and an interleaved key": (
        'CREATE TABLE t ("Select me" char(2), b super) DISTSTYLE EVEN INTERLEAVED SORTKEY (b)',
        """CREATE TABLE public.t (
    "select me" character(2) ENCODE lzo,
    b super ENCODE raw
)
DISTSTYLE EVEN
INTERLEAVED SORTKEY ( b );""",
    ),
}


@pytest.mark.parametrize(("made", "shown"), TABLES.values(), ids=TABLES.keys())
def test_a_table_is_shown_as_what_makes_it_again(session: Session, made: str, shown: str) -> None:
    session.execute(made)
    assert [column.name for column in session.describe("SHOW TABLE t")] == ["Show Table DDL statement"]
    assert session.execute("SHOW TABLE t").rows == [(shown,)]
    session.execute("DROP TABLE t")
    session.execute(shown)
    assert session.execute("SHOW TABLE public.t").rows == [(shown,)]


VIEWS = {
    "bound": ("CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW public.v AS\nSELECT a FROM t;"),
    "late": (
        "CREATE VIEW v AS SELECT a FROM public.t WITH NO SCHEMA BINDING",
        "CREATE VIEW public.v AS\nSELECT a FROM public.t\nWITH NO SCHEMA BINDING;",
    ),
    "materialized": (
        "CREATE MATERIALIZED VIEW v AS SELECT sum(a) AS s FROM t",
        "CREATE MATERIALIZED VIEW public.v AS\nSELECT sum(a) AS s FROM t;",
    ),
}


@pytest.mark.parametrize(("made", "shown"), VIEWS.values(), ids=VIEWS.keys())
def test_a_view_is_shown_with_its_query(session: Session, made: str, shown: str) -> None:
    session.execute("CREATE TABLE t (a int)")
    session.execute(made)
    assert session.execute("SHOW VIEW v").rows == [(shown,)]
    with pytest.raises(RedshiftError, match='"t" is not a view'):
        session.execute("SHOW VIEW t")
    with pytest.raises(RedshiftError, match='"v" is not a table'):
        session.execute("SHOW TABLE v")


@pytest.mark.parametrize("asked", ["p", "public.p", "p(int, varchar(9))", "p(a int, INOUT b varchar(9))"])
def test_a_procedure_is_shown_whole(session: Session, asked: str) -> None:
    body = " BEGIN b := '$_$' || a; END; "
    session.execute(f"CREATE PROCEDURE p(a int, INOUT b varchar(9)) NONATOMIC AS $$ {body}$$ LANGUAGE plpgsql")
    (shown,) = session.execute(f"SHOW PROCEDURE {asked}").rows[0]
    assert shown.startswith("CREATE OR REPLACE PROCEDURE public.p(a integer, INOUT b character varying(9))\nNONATOMIC")
    session.execute(shown)
    assert session.execute("CALL p(1, '')").rows == [("$_$1",)]
    with pytest.raises(RedshiftError, match="procedure q does not exist"):
        session.execute("SHOW PROCEDURE q")


def test_all_parameters_and_databases(session: Session) -> None:
    session.execute("SET query_group TO 'nightly'")
    assert session.execute("SHOW ALL").rows == [
        ("datestyle", "ISO, MDY"),
        ("extra_float_digits", "0"),
        ("query_group", "nightly"),
        ("search_path", "$user,public"),
        ("statement_timeout", "0"),
    ]
    assert [column.name for column in session.describe("SHOW ALL")] == ["name", "setting"]
    told = session.execute(f"SHOW DATABASES LIKE '{session.database}' LIMIT 1")
    assert [row[0] for row in told.rows] == [session.database]
    assert told.rows[0][-1] == "Serializable"


def test_columns_of_late_binding_views_are_those_of_now(session: Session) -> None:
    session.execute("CREATE TABLE t (a int, b varchar(5)); CREATE TABLE gone (a int)")
    session.execute("CREATE VIEW v AS SELECT a / 2.0 AS h, b FROM public.t WITH NO SCHEMA BINDING")
    session.execute("CREATE VIEW lost AS SELECT a FROM public.gone WITH NO SCHEMA BINDING; DROP TABLE gone")
    asked = "SELECT * FROM pg_get_late_binding_view_cols() cols(s name, v name, c name, t varchar, n int) ORDER BY 5"
    assert session.execute(asked).rows == [
        ("public", "v", "h", "numeric(15,4)", 1),
        ("public", "v", "b", "character varying(5)", 2),
    ]
    session.execute("ALTER TABLE t ALTER COLUMN b TYPE varchar(9)")
    assert session.execute(asked).rows[1] == ("public", "v", "b", "character varying(9)", 2)


def test_routines_are_in_the_catalogs(session: Session) -> None:
    session.execute("CREATE FUNCTION f(int, varchar(9)) RETURNS decimal(8,2) STABLE AS $$ SELECT $1 $$ LANGUAGE sql")
    session.execute("CREATE PROCEDURE p(a int, OUT b varchar(9)) AS $$ BEGIN b := 'x'; END; $$ LANGUAGE plpgsql")
    asked = "SELECT proname, pronargs, prorettype, proargtypes, prokind FROM pg_proc ORDER BY proname"
    assert session.execute(asked).rows == [("f", 2, 1700, "23 1043", "f"), ("p", 1, 0, "23", "p")]
    asked = (
        "SELECT p.proname, l.lanname, pg_get_function_arguments(p.oid) FROM pg_proc p JOIN pg_language l ON l.oid = "
        "p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' ORDER BY 1"
    )
    assert session.execute(asked).rows == [
        ("f", "sql", "integer, character varying(9)"),
        ("p", "plpgsql", "a integer, OUT b character varying(9)"),
    ]
    asked = "SELECT function_name, function_type FROM svv_redshift_functions ORDER BY 1"
    assert session.execute(asked).rows == [("f", "REGULAR FUNCTION"), ("p", "STORED PROCEDURE")]


def test_a_materialized_view_is_stale_from_a_change_to_its_refresh(session: Session) -> None:
    session.execute("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE TABLE other (a int)")
    session.execute("CREATE MATERIALIZED VIEW one AS SELECT sum(a) AS s FROM t")
    session.execute("CREATE MATERIALIZED VIEW two AUTO REFRESH YES AS SELECT sum(a) AS s FROM v")

    def stale() -> str:
        told = session.execute("SELECT name, is_stale, autorefresh FROM svv_mv_info ORDER BY name").rows
        assert [(name, automatic) for name, _, automatic in told] == [("one", "f"), ("two", "t")]
        return "".join(letter for _, letter, _ in told)

    steps = [
        ("INSERT INTO other VALUES (1)", "ff"),
        ("BEGIN; INSERT INTO t VALUES (1); ROLLBACK", "ff"),
        ("INSERT INTO t VALUES (1)", "tt"),
        ("REFRESH MATERIALIZED VIEW one", "ft"),
        ("REFRESH MATERIALIZED VIEW two", "ff"),
        ("TRUNCATE t", "tt"),
    ]
    assert [(step, (session.execute(step), stale())[1]) for step, _ in steps] == steps
