"""A session: statements, their transaction, and what they answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from lakeshift.errors import LakeshiftError, NotSupportedLocallyError
from lakeshift.redshift.administration import Administration
from lakeshift.redshift.answering import Answers
from lakeshift.redshift.backends import stop_backend
from lakeshift.redshift.binding import bind_named
from lakeshift.redshift.catalog import Catalog
from lakeshift.redshift.copying import Copier
from lakeshift.redshift.ddl import Ddl
from lakeshift.redshift.dml import Dml
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.external_ddl import ExternalDdl
from lakeshift.redshift.external_statements import (
    AddPartition,
    CreateExternalSchema,
    CreateExternalTable,
    DropPartition,
    ExternalStatement,
    SetLocation,
)
from lakeshift.redshift.external_tables import ExternalTables
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.limits import time_limit
from lakeshift.redshift.load_access import redacted
from lakeshift.redshift.locks import Work
from lakeshift.redshift.naming import Names
from lakeshift.redshift.parameters import Parameters, parts_of
from lakeshift.redshift.privileges import Identity
from lakeshift.redshift.result import Result
from lakeshift.redshift.rewriting import Rewriter
from lakeshift.redshift.sessions import Shared
from lakeshift.redshift.statements import (
    Administer,
    AlterTable,
    Comment,
    Copy,
    CreateMaterializedView,
    CreateRoutine,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    DropRoutine,
    Explain,
    Grant,
    Maintain,
    Merge,
    Name,
    Query,
    Refresh,
    SetVariable,
    Show,
    ShowDefinition,
    Statement,
    Transaction,
    Unload,
)
from lakeshift.redshift.tokens import split_statements
from lakeshift.redshift.translations import Translations
from lakeshift.redshift.unloading import Unloader

__all__ = ["Session"]

_ABORTED: Final = "current transaction is aborted, commands ignored until end of transaction block"
_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_commands.html"
_READS_LOG: Final = re.compile(r"\b(?:stl|sys)_quer", re.IGNORECASE)
_READS_EXTERNAL: Final = re.compile(r"\bsvv_external_(?:tables|columns|partitions)\b", re.IGNORECASE)
_READS_LATE: Final = re.compile(r"\bpg_get_late_binding_view_cols\b", re.IGNORECASE)
LANGUAGES: Final = frozenset({"sql", "plpgsql", "plpythonu", "exfunc"})
# Statements after which every name means what it meant before.
_LEAVES_CATALOG: Final = (Query, Show, ShowDefinition, Explain, SetVariable, Maintain, Copy, Unload, Merge)
# Those that change who is in what.
_CHANGES_USERS: Final = (Administer, Grant)


class Session(Answers):
    """One client's session; not for two threads at once."""

    def __init__(
        self,
        connection: Connection,
        log: Connection,
        shared: Shared,
        database: str,
        user: str,
        pid: int,
    ) -> None:
        self.database = database
        self.user = user
        self.pid = pid
        self._connection = connection
        self._log = log
        self._queries = shared.queries
        self.on_terminate: Callable[[], None] = lambda: None
        self.bulk = False  # whether rows of a query are wanted as an Arrow table
        self._sessions = shared.sessions
        lake = shared.lake
        self._locks = self._sessions.locks
        self._work: Work | None = None
        self._version = 0
        self._changed_catalog = False
        self._translations = Translations()
        self._parameters = Parameters()
        self._in_transaction = False
        self._overtaken = False
        connection.on_late_begin = self._note_overtaking
        self._failed = False
        self._just_written: set[int] = set()
        self._views_known = (-1, False)
        self._running = False
        self._catalog = Catalog(connection, database, str(pid))
        self._names = Names(self._catalog, ("public",))
        self._rewriter = Rewriter(self._names)
        self._dml = Dml(connection, self._names, self._rewriter)
        self._ddl = Ddl(connection, self._catalog, self._names, self._rewriter, user)
        self._administration = Administration(connection, database, user, self._sessions.count)
        self._copier = Copier(connection, log, self._names, lake, database, pid)
        self._unloader = Unloader(connection, log, self._rewriter, lake, database)
        self._external = ExternalTables(connection, log, lake, shared.glue, database)
        self._names.external = self._external
        self._external_ddl = ExternalDdl(connection, self._catalog, self._external, self._rewriter, lake, user)
        self._rewriter.authorize = self._ddl.privileges.relation
        self._start_routines()
        self._set_variables(
            {"database": database, "schema": "public", "pid": pid, "search_path": ["public", "pg_catalog"]}
        )
        self._set_variables({"last_query": 0, "last_copy": 0, "last_copy_count": 0, "user": user})
        self._set_variables({"settings": self._parameters.all})
        self._serializable = self._administration.databases.isolation(database) == "SERIALIZABLE"
        self._know_user()
        self._sessions.add(self)

    @property
    def identity(self) -> Identity:
        """Whose privileges count: the session's user with its groups and roles."""
        return self._ddl.privileges.identity

    def _know_user(self) -> None:
        users = self._administration.users
        self._ddl.privileges.identity = Identity(self.user, users.is_superuser(self.user), users.grantees(self.user))

    @property
    def catalog(self) -> Catalog:
        """Schemas and relations as this session sees them."""
        return self._catalog

    @property
    def search_path(self) -> tuple[str, ...]:
        """Schemas a plain name is looked for in."""
        return self._names.search_path

    @property
    def transaction_status(self) -> str:
        """``I`` idle, ``T`` in a transaction, ``E`` in one that failed."""
        return "E" if self._failed else "T" if self._in_transaction else "I"

    def set_at_start(self, name: str, value: str) -> None:
        """A parameter the client gives on connecting; one that cannot be another is left as it is."""
        with suppress(LakeshiftError):
            self._set(SetVariable(name, value))

    def execute(self, sql: str, parameters: Mapping[str, str | None] | None = None) -> Result:
        """Run a script; the last statement's result. ``parameters`` are the values of ``:name`` placeholders.

        Several statements are one transaction unless they say otherwise; raises RedshiftError and
        NotSupportedLocallyError, after which nothing of a statement outside BEGIN is left.
        """
        statements = split_statements(sql)
        if not statements:
            raise RedshiftError("the statement is empty", "42601")
        if parameters:
            if len(statements) > 1:
                raise RedshiftError("cannot insert multiple commands into a prepared statement", "42601")
            statements = [bind_named(statements[0], parameters)]
        result = Result("")
        for one in self._results(statements):
            result = one
        return result

    def results(self, sql: str) -> Iterator[Result]:
        """Run a script as :meth:`execute` does and give each statement's result as it is there."""
        return self._results(split_statements(sql))

    def _results(self, statements: list[str]) -> Iterator[Result]:
        if len(statements) < 2 or self._in_transaction or any(map(_says_transaction, statements)):
            for statement in statements:
                yield self._one(statement)
            return
        self._transaction(Transaction("BEGIN"))
        try:
            for statement in statements:
                yield self._one(statement)
            self._transaction(Transaction("COMMIT"))
        except BaseException:
            self._transaction(Transaction("ROLLBACK"))
            raise

    def close(self) -> None:
        """Roll back what is open and drop the session's temporary tables."""
        self._connection.cancelled = False
        if self._in_transaction:
            self._connection.run("ROLLBACK")
        self._end_work(committed=False)
        self._sessions.remove(self)
        if self._catalog.made_temporary:
            # The engine drops the tables with the connection; the catalog's rows of them are ours to delete.
            for table in (
                "columns WHERE relation IN (SELECT id FROM _lakeshift.relations WHERE session = ?)",
                "relations WHERE session = ?",
            ):
                self._log.run(f"DELETE FROM _lakeshift.{table}", [str(self.pid)])
        self._connection.close()
        self._log.close()

    def interrupt(self) -> None:
        """Stop the running statement, from another thread."""
        if self._running:
            self._connection.interrupt()

    def fail(self) -> None:
        """An error outside of a statement, as one in its parameters: it fails the transaction too."""
        self._failed = self._in_transaction

    def terminate(self) -> None:
        """End the session, from another thread: its statement is stopped, and whoever holds it is told."""
        self.interrupt()
        self.on_terminate()

    def _one(self, sql: str) -> Result:
        number = self._queries.number()
        # A transaction keeps its snapshot, and with it the version from before.
        self._names.forget(self._version if self._in_transaction else self._sessions.version)
        self._external.clear()
        if _READS_LOG.search(sql):
            self._queries.flush()
        self._external.query = number
        if _READS_EXTERNAL.search(sql):
            self._external.tell()
        if _READS_LATE.search(sql):
            self._tell_late_views()
        started = datetime.now(UTC).replace(tzinfo=None)
        kind = sql.split(maxsplit=1)[0].upper()
        text = redacted(sql)
        self._running = True
        try:
            with time_limit(self._parameters.get("statement_timeout"), self.interrupt):
                result = self._run(sql, number)
        except LakeshiftError as error:
            self._record(number, kind, text, started, error=str(error))
            raise
        finally:
            self._running = self._connection.cancelled = False
        # What pg_last_query_id() tells is the last statement that did work.
        if kind not in ("SELECT", "WITH", "SHOW", "SET", "BEGIN"):
            self._set_variables({"last_query": number})
        self._record(number, kind, text, started, rows=max(result.row_count, 0))
        return replace(result, query_id=number)

    def _record(
        self, number: int, kind: str, text: str, started: datetime, rows: int = 0, error: str | None = None
    ) -> None:
        ended = datetime.now(UTC).replace(tzinfo=None)
        state = "failed" if error else "success"
        self._queries.add(
            [number, self.database, self.user, self.pid, kind, text[:4000], started, ended, state, rows, error]
        )

    def _run(self, sql: str, number: int) -> Result:
        if self._failed:
            # Not parsed before: in a failed transaction even nonsense answers 25P02.
            ends = sql.split(maxsplit=1)[0].upper() in ("ROLLBACK", "ABORT", "COMMIT", "END")
            if not ends:
                raise RedshiftError(_ABORTED, "25P02")
            parse(sql)
            return self._transaction(Transaction("ROLLBACK"))
        try:
            statement = parse(sql)
            if isinstance(statement, Transaction):
                return self._transaction(statement)
            return self._in_its_transaction(statement, number)
        except LakeshiftError:
            if self._in_transaction:
                self._failed = True
            raise

    def _stopped(self, statement: Query) -> Result | None:
        if "_backend" not in statement.sql:
            return None
        superuser = self._administration.users.is_superuser(self.user)
        return stop_backend(statement.sql, self, self._sessions, superuser=superuser)

    def _note_change(self) -> None:
        if self._changed_catalog:
            self._version = self._sessions.catalog_changed()
        else:
            self._version = self._sessions.change_begins()
            self._changed_catalog = True

    def _dispatch(self, statement: Statement | ExternalStatement, number: int) -> Result:
        if not isinstance(statement, _LEAVES_CATALOG):
            self._note_change()
        result = self._do(statement, number)
        self._outdate_views()
        if isinstance(statement, _CHANGES_USERS):
            self._know_user()
        return result

    def _do(self, statement: Statement | ExternalStatement, number: int) -> Result:  # noqa: C901, PLR0911, PLR0912
        match statement:
            case Query():
                return self._query(statement)
            case Merge():
                return Result("MERGE", row_count=self._dml.merge(statement))
            case Copy():
                self._rewriter.authorize(self._names.need(statement.table, table=True), "INSERT")
                count = self._copier.run(statement, number)
                self._set_variables({"last_copy": number, "last_copy_count": count})
                notice = f"Load into table '{statement.table[-1]}' completed, {count} record(s) loaded successfully."
                return Result("COPY", row_count=count, notices=(notice,))
            case Unload():
                return Result("UNLOAD", row_count=self._unloader.run(statement, number))
            case CreateSchema():
                self._ddl.create_schema(statement)
                return Result("CREATE SCHEMA")
            case CreateTable():
                rows = self._ddl.create_table(statement)
                return Result("SELECT" if rows >= 0 else "CREATE TABLE", row_count=rows)
            case CreateView():
                self._ddl.create_view(statement)
                return Result("CREATE VIEW")
            case Drop():
                if not self._external_ddl.drop(statement):
                    self._ddl.drop(statement)
                return Result(f"DROP {statement.kind}")
            case CreateRoutine():
                schema = self._names.schema_for_new(statement.name)
                self._ddl.privileges.schema(schema, "CREATE")
                self._ddl.privileges.language(statement.language)
                self._routines.create(statement, schema)
                return Result(f"CREATE {statement.kind}")
            case DropRoutine():
                self._routines.drop(statement, self._names.search_path)
                return Result(f"DROP {statement.kind}")
            case CreateMaterializedView():
                self._ddl.create_materialized(statement)
                late = "AUTO REFRESH is kept but never runs here: use REFRESH MATERIALIZED VIEW."
                return Result("CREATE MATERIALIZED VIEW", notices=(late,) if statement.auto_refresh else ())
            case Refresh():
                return Result("REFRESH", notices=(self._ddl.refresh(statement.name),))
            case CreateExternalSchema() | CreateExternalTable() | AddPartition() | DropPartition() | SetLocation():
                return self._run_external(statement)
            case AlterTable():
                self._ddl.alter(statement)
                return Result("ALTER TABLE")
            case Grant():
                if statement.kind == "ROLE":
                    return Result(self._administration.grant_roles(statement))
                return self._grant(statement)
            case Administer():
                return Result(self._administration.run(statement))
            case Maintain():
                if statement.name is not None:
                    self._names.need(statement.name, table=True)
                return Result(statement.verb)
            case SetVariable():
                return self._set(statement)
            case Show():
                return self._show(statement)
            case ShowDefinition():
                return self._show_definition(statement)
            case Explain():
                return self._explain(statement)
            case Comment():
                return self._comment(statement)
            case _:
                raise NotSupportedLocallyError(type(statement).__name__, "Write the query itself.", _PAGE)

    def _run_external(self, statement: ExternalStatement) -> Result:
        if self._in_transaction and not isinstance(statement, CreateExternalSchema):
            verb = "CREATE EXTERNAL TABLE" if isinstance(statement, CreateExternalTable) else "ALTER EXTERNAL TABLE"
            raise RedshiftError(f"{verb} cannot run inside a transaction block", "25001")
        tag, rows = self._external_ddl.run(statement)
        return Result(tag, row_count=rows)

    def _grant(self, statement: Grant) -> Result:
        objects = list(statement.objects) or [("",)]
        if statement.kind == "TABLE":
            found = [self._names.need(name) for name in objects]
            for relation in found:
                self._ddl.privileges.may_grant(relation)
            objects = [(relation.schema, relation.name) for relation in found]
        else:
            self._need_granted(statement)
        if statement.kind.removeprefix("ALL ").rstrip("S") in ("FUNCTION", "PROCEDURE"):
            statement, objects = self._granted_routines(statement)
        for name in objects:
            for privilege in statement.privileges:
                for grantee in statement.grantees:
                    self._record_grant(statement, privilege, ".".join(name), grantee)
        return Result(statement.verb)

    def _need_granted(self, statement: Grant) -> None:
        """Raise where a schema or language is not there."""
        names = {name[-1] for name in statement.objects}
        if statement.kind in ("SCHEMA", "ALL TABLES", "ALL FUNCTIONS", "ALL PROCEDURES"):
            if absent := names - set(self._catalog.schemas()):
                raise RedshiftError(f'schema "{min(absent)}" does not exist', "3F000")
        elif statement.kind == "LANGUAGE" and (absent := names - LANGUAGES):
            raise RedshiftError(f'language "{min(absent)}" does not exist', "42704")

    def _granted_routines(self, statement: Grant) -> tuple[Grant, list[Name]]:
        """The statement as one of single routines, and the signatures of these."""
        kind = statement.kind.removeprefix("ALL ").rstrip("S")
        if kind == statement.kind:
            pairs = zip(statement.objects, statement.types, strict=True)
            asked = (ShowDefinition(kind, name, types) for name, types in pairs)
            found = [self._routines.one(one, self._names.search_path) for one in asked]
        else:
            found = [one for name in statement.objects for one in self._routines.in_schema(name[-1], kind)]
        for routine in found:
            self._ddl.privileges.may_grant_routine(routine)
        return replace(statement, kind=kind), [(routine.signature,) for routine in found]

    def _record_grant(self, statement: Grant, privilege: str, name: str, grantee: str) -> None:
        key = [self.database, statement.kind, name, grantee]
        where = "database = ? AND kind = ? AND object = ? AND grantee = ?"
        if not privilege.startswith("ALL"):
            where, key = f"{where} AND privilege = ?", [*key, privilege]
        self._connection.run(f"DELETE FROM _lakeshift.grants WHERE {where}", key)
        # What PUBLIC has without a grant is taken from it by a row that says so.
        withdrawn = statement.kind in ("FUNCTION", "LANGUAGE") and grantee == "public"
        if statement.verb == "GRANT" or withdrawn:
            self._connection.run(
                "INSERT INTO _lakeshift.grants VALUES (?, ?, ?, ?, ?, ?, ?, now()::TIMESTAMP)",
                [self.database, statement.verb, privilege, statement.kind, name, grantee, self.user],
            )

    def _set(self, statement: SetVariable) -> Result:
        value = self._parameters.set(statement.name, statement.value)
        if statement.name == "search_path":
            schemas = parts_of(value, self.user)
            self._names.search_path = schemas
            known = self._catalog.schemas()
            current = next((schema for schema in schemas if schema in known), None)
            self._set_variables({"schema": current, "search_path": [*schemas, "pg_catalog"]})
        self._set_variables({"settings": self._parameters.all})
        return Result("SET" if statement.value is not None else "RESET")

    def _comment(self, statement: Comment) -> Result:
        name = ".".join(statement.name)
        if statement.kind in ("TABLE", "VIEW"):
            self._names.need(statement.name)
        self._connection.run(
            "DELETE FROM _lakeshift.comments WHERE database = ? AND kind = ? AND object = ?",
            [self.database, statement.kind, name],
        )
        if statement.text is not None:
            values = [self.database, statement.kind, name, statement.text]
            self._connection.run("INSERT INTO _lakeshift.comments VALUES (?, ?, ?, ?)", values)
        return Result("COMMENT")

    def _tell_late_views(self) -> None:
        """What the columns of late-binding views would be now; those whose tables are not there have none."""
        told = []
        for view in self._catalog.relations():
            if view.kind != "LATE":
                continue
            with suppress(LakeshiftError):
                self._rewriter.authorize(view, "SELECT")
                columns = self._ddl.described(self._rewriter.query(view.definition or ""))
                told += [
                    {"s": view.schema, "v": view.name, "c": column.name, "t": str(column.type), "n": number}
                    for number, column in enumerate(columns, start=1)
                ]
        self._set_variables({"late_columns": json.dumps(told)})

    def _set_variables(self, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            self._connection.run(f"SET VARIABLE {name} = {_variable(value)}")


def _variable(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_variable, value))}]"
    if isinstance(value, dict):
        return f"MAP {{{', '.join(f'{_variable(name)}: {_variable(item)}' for name, item in value.items())}}}"
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _says_transaction(sql: str) -> bool:
    return sql.split(maxsplit=1)[0].upper() in (
        "BEGIN",
        "START",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "VACUUM",
    )
