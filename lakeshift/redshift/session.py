"""A session: statements, their transaction, and what they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlglot import exp

from lakeshift.errors import LakeshiftError, NotSupportedLocallyError
from lakeshift.lake.folder import FolderLake
from lakeshift.redshift.administration import Administration
from lakeshift.redshift.backends import stop_backend
from lakeshift.redshift.binding import bind_named
from lakeshift.redshift.catalog import Catalog
from lakeshift.redshift.copying import Copier
from lakeshift.redshift.ddl import Ddl
from lakeshift.redshift.dml import Dml
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.leader import translate
from lakeshift.redshift.limits import time_limit
from lakeshift.redshift.locks import Work
from lakeshift.redshift.naming import Names, cte_names, table_name
from lakeshift.redshift.parameters import Parameters, parts_of
from lakeshift.redshift.query_log import QueryLog
from lakeshift.redshift.reading import parse_query
from lakeshift.redshift.result import Result, ResultColumn
from lakeshift.redshift.rewriting import Rewriter
from lakeshift.redshift.sessions import Sessions
from lakeshift.redshift.shapes import engine_columns, result_columns
from lakeshift.redshift.statements import (
    Administer,
    AlterTable,
    Comment,
    Copy,
    CreateSchema,
    CreateTable,
    CreateView,
    Drop,
    Explain,
    Grant,
    Maintain,
    Merge,
    Query,
    SetVariable,
    Show,
    Statement,
    Transaction,
    Truncate,
    Unload,
)
from lakeshift.redshift.tokens import split_statements
from lakeshift.redshift.translations import Translation, Translations
from lakeshift.redshift.types import SqlType
from lakeshift.redshift.unloading import Unloader
from lakeshift.redshift.writing import written_table

__all__ = ["Session"]

_ABORTED: Final = "current transaction is aborted, commands ignored until end of transaction block"
_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_commands.html"
# A statement that names credentials is not kept in the log.
_SECRET: Final = "CREDENTIALS"  # noqa: S105 - a word looked for, no password
_READS_LOG: Final = re.compile(r"\b(?:stl|sys)_quer", re.IGNORECASE)


# Statements after which every name means what it meant before.
_LEAVES_CATALOG: Final = (Query, Show, Explain, SetVariable, Maintain, Copy, Unload, Merge)


class Session:
    """One client's session; not for two threads at once."""

    def __init__(
        self,
        connection: Connection,
        log: Connection,
        queries: QueryLog,
        lake: FolderLake,
        database: str,
        user: str,
        pid: int,
        sessions: Sessions | None = None,
    ) -> None:
        self.database = database
        self.user = user
        self.pid = pid
        self._connection = connection
        self._log = log
        self._queries = queries
        self.on_terminate: Callable[[], None] = lambda: None
        self.bulk = False  # whether rows of a query are wanted as an Arrow table
        self._sessions = sessions or Sessions()
        self._locks = self._sessions.locks
        self._work: Work | None = None
        self._version = 0
        self._changed_catalog = False
        self._translations = Translations()
        self._parameters = Parameters()
        self._in_transaction = False
        self._failed = False
        self._running = False
        self._catalog = Catalog(connection, database, str(pid))
        self._names = Names(self._catalog, ("public",))
        self._rewriter = Rewriter(self._names)
        self._dml = Dml(connection, self._names, self._rewriter)
        self._ddl = Ddl(connection, self._catalog, self._names, self._rewriter, user)
        self._administration = Administration(connection, database, user, self._sessions.count)
        self._copier = Copier(connection, log, self._names, lake, database)
        self._unloader = Unloader(connection, log, self._rewriter, lake, database)
        self._set_variables(
            {"database": database, "schema": "public", "pid": pid, "search_path": ["public", "pg_catalog"]}
        )
        self._set_variables({"last_query": 0, "last_copy": 0, "last_copy_count": 0, "user": user})
        self._serializable = self._administration.databases.isolation(database) == "SERIALIZABLE"
        self._sessions.add(self)

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

    def describe(self, sql: str) -> tuple[ResultColumn, ...]:
        """Columns the statement's result will have, empty where it has none; nothing is run."""
        if self._failed:
            return ()
        self._names.forget()
        statement = parse(sql)
        if isinstance(statement, Show):
            return (ResultColumn(statement.name, SqlType("character varying", length=256)),)
        if isinstance(statement, Explain):
            return (ResultColumn("QUERY PLAN", SqlType("character varying")),)
        if not isinstance(statement, Query):
            return ()
        asked = translate(statement.sql)
        if asked is not None:
            return engine_columns(self._connection.shape(asked))
        tree = parse_query(statement.sql)
        if not isinstance(tree, exp.Query) or tree.args.get("into") is not None:
            return ()
        rewritten = self._rewriter.tree(tree)
        return result_columns(self._connection.shape(rewritten.sql), rewritten)

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
        self._names.forget()
        if _READS_LOG.search(sql):
            self._queries.flush()
        started = datetime.now(UTC).replace(tzinfo=None)
        kind = sql.split(maxsplit=1)[0].upper()
        text = sql if _SECRET not in sql.upper() and "ACCESS_KEY" not in sql.upper() else f"{kind} (with credentials)"
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
        if kind not in ("SELECT", "SHOW", "SET", "BEGIN"):
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

    def _in_its_transaction(self, statement: Statement, number: int) -> Result:
        if isinstance(statement, Truncate):
            return self._truncate(statement)
        if isinstance(statement, Maintain) and statement.verb == "VACUUM" and self._in_transaction:
            raise RedshiftError("VACUUM cannot run inside a transaction block", "25001")
        if isinstance(statement, Administer) and statement.kind == "DATABASE" and self._in_transaction:
            raise RedshiftError(f"{statement.verb} DATABASE cannot run inside a transaction block", "25001")
        if self._in_transaction:
            self._hold(statement)
            return self._dispatch(statement, number)
        # A lone statement waits for its table before its snapshot is taken: it sees what it waited for.
        self._begin_work()
        try:
            self._hold(statement)
            self._connection.run("BEGIN")
            try:
                result = self._dispatch(statement, number)
                self._connection.run("COMMIT")
            except BaseException:
                self._rollback_quietly()
                raise
        except BaseException:
            self._end_work(committed=False)
            raise
        self._end_work(committed=True)
        return result

    def _begin_work(self) -> None:
        # From before the snapshot: what a transaction finds in an older one is never taken for newer.
        self._version = self._sessions.version
        self._work = self._locks.begin(self.pid, serializable=self._serializable)
        self._rewriter.read = self._work.read

    def _end_work(self, *, committed: bool) -> None:
        if self._work is not None:
            self._locks.end(self._work, committed=committed)
            self._work = None
        if self._changed_catalog:
            self._changed_catalog = False
            self._sessions.catalog_changed()

    def _hold(self, statement: Statement) -> None:
        """Wait until the table the statement writes is ours."""
        name = written_table(statement)
        if name is not None and len(name) == 3 and name[0] != self.database:
            raise RedshiftError("cross-database reference to database is not supported for this statement", "0A000")
        relation = self._names.find(name) if name is not None else None
        if relation is not None and self._work is not None and not relation.temporary:
            self._locks.hold(self._work, relation.id, self._check_cancelled)
            self._work.written.add(relation.id)
            self._names.forget()

    def _check_cancelled(self) -> None:
        if self._connection.cancelled:
            raise RedshiftError("Query cancelled on user's request", "57014")

    def _rollback_quietly(self) -> None:
        self._connection.cancelled = False
        # A COMMIT that failed has ended the engine's transaction already.
        try:
            self._connection.run("ROLLBACK")
        except RedshiftError as error:
            if "no transaction is active" not in str(error):
                raise

    def _truncate(self, statement: Truncate) -> Result:
        """TRUNCATE ends the transaction it is in by committing it, then commits itself."""
        if not self._in_transaction:
            self._begin_work()
        try:
            self._hold(statement)
            if not self._in_transaction:
                self._connection.run("BEGIN")
            self._ddl.truncate(statement.name)
            self._connection.run("COMMIT")
        except LakeshiftError:
            if not self._in_transaction:
                self._rollback_quietly()
                self._end_work(committed=False)
            raise
        self._in_transaction = False
        self._end_work(committed=True)
        return Result("TRUNCATE")

    def _transaction(self, statement: Transaction) -> Result:
        if statement.verb == "BEGIN":
            if self._in_transaction:
                return Result("BEGIN", notices=("there is already a transaction in progress",))
            self._begin_work()
            self._connection.run("BEGIN")
            self._in_transaction = True
        elif self._in_transaction:
            failed, self._in_transaction, self._failed = self._failed, False, False
            if failed or statement.verb == "ROLLBACK":
                self._rollback_quietly()
                self._end_work(committed=False)
                return Result("ROLLBACK")
            try:
                if self._work is not None:
                    self._locks.validate(self._work)
                self._connection.run("COMMIT")
            except RedshiftError:
                self._rollback_quietly()
                self._end_work(committed=False)
                raise
            self._end_work(committed=True)
        else:
            return Result(statement.verb, notices=("there is no transaction in progress",))
        return Result(statement.verb)

    def _note_change(self) -> None:
        self._changed_catalog = True
        self._version = self._sessions.catalog_changed()

    def _dispatch(self, statement: Statement, number: int) -> Result:  # noqa: C901, PLR0911, PLR0912
        if not isinstance(statement, _LEAVES_CATALOG):
            self._note_change()
        match statement:
            case Query():
                return self._query(statement)
            case Merge():
                return Result("MERGE", row_count=self._dml.merge(statement))
            case Copy():
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
                self._ddl.drop(statement)
                return Result(f"DROP {statement.kind}")
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
            case Explain():
                return self._explain(statement)
            case Comment():
                return self._comment(statement)
            case _:
                raise NotSupportedLocallyError(type(statement).__name__, "Write the query itself.", _PAGE)

    def _query(self, statement: Query) -> Result:
        stopped = (
            stop_backend(
                statement.sql, self, self._sessions, superuser=self._administration.users.is_superuser(self.user)
            )
            if "_backend" in statement.sql
            else None
        )
        if stopped is not None:
            return stopped
        asked = translate(statement.sql)
        if asked is not None:
            described, found = self._connection.table_of(asked)
            return Result("SELECT", engine_columns(described), found, len(found))
        path, version = self._names.search_path, self._version
        known = self._translations.find(statement.sql, path, version)
        if known is not None:
            self._rewriter.read.update(known.relations)
            return self._answer(known)
        tree = parse_query(statement.sql)
        if isinstance(tree, exp.Insert | exp.Update | exp.Delete):
            tag, count = self._dml.run(tree)
            return Result(tag, row_count=count)
        if not isinstance(tree, exp.Query):
            raise NotSupportedLocallyError(type(tree).__name__.upper(), "Write the query itself.", _PAGE)
        if tree.args.get("into") is not None:
            return self._select_into(tree)
        local = cte_names(tree)
        names = {table_name(one) for one in tree.find_all(exp.Table) if one.db or one.name not in local}
        rewritten = self._rewriter.tree(tree)
        made = Translation(rewritten.sql, (), frozenset(rewritten.relations))
        made = replace(made, columns=result_columns(self._connection.shape(made.sql), rewritten))
        # Only what our own catalog alone decides: no late-binding view, nothing that lies outside.
        read = map(self._names.find, names)
        if all(one is not None and one.kind == "TABLE" for one in read):
            self._translations.keep(statement.sql, path, version, made)
        return self._answer(made)

    def _answer(self, query: Translation) -> Result:
        if self.bulk:
            table = self._connection.table(query.sql)
            return Result("SELECT", query.columns, row_count=table.num_rows, table=table)
        rows = self._connection.rows(query.sql)
        return Result("SELECT", query.columns, rows, len(rows))

    def _select_into(self, tree: Any) -> Result:
        into = tree.args["into"]
        self._note_change()
        tree.set("into", None)
        name = tuple(part for part in (into.this.catalog, into.this.db, into.this.name) if part)
        temporary = bool(into.args.get("temporary")) or name[-1].startswith("#")
        statement = CreateTable(name, temporary, False, query=tree.sql(dialect="redshift"))
        return Result("SELECT", row_count=self._ddl.create_table(statement))

    def _grant(self, statement: Grant) -> Result:
        objects = list(statement.objects) or [("",)]
        if statement.kind == "TABLE":
            found = [self._names.need(name) for name in objects]
            objects = [(relation.schema, relation.name) for relation in found]
        elif statement.kind in ("SCHEMA", "ALL TABLES"):
            for name in objects:
                if name[-1] not in self._catalog.schemas():
                    raise RedshiftError(f'schema "{name[-1]}" does not exist', "3F000")
        for name in objects:
            for privilege in statement.privileges:
                for grantee in statement.grantees:
                    self._record_grant(statement, privilege, ".".join(name), grantee)
        return Result(statement.verb)

    def _record_grant(self, statement: Grant, privilege: str, name: str, grantee: str) -> None:
        key = [self.database, statement.kind, name, grantee]
        where = "database = ? AND kind = ? AND object = ? AND grantee = ?"
        if not privilege.startswith("ALL"):
            where, key = f"{where} AND privilege = ?", [*key, privilege]
        self._connection.run(f"DELETE FROM _lakeshift.grants WHERE {where}", key)
        if statement.verb == "GRANT":
            self._connection.run(
                "INSERT INTO _lakeshift.grants VALUES (?, ?, ?, ?, ?, ?, ?, now()::TIMESTAMP)",
                [self.database, "GRANT", privilege, statement.kind, name, grantee, self.user],
            )

    def _set(self, statement: SetVariable) -> Result:
        value = self._parameters.set(statement.name, statement.value)
        if statement.name == "search_path":
            schemas = parts_of(value, self.user)
            self._names.search_path = schemas
            known = self._catalog.schemas()
            current = next((schema for schema in schemas if schema in known), None)
            self._set_variables({"schema": current, "search_path": [*schemas, "pg_catalog"]})
        return Result("SET" if statement.value is not None else "RESET")

    def _show(self, statement: Show) -> Result:
        column = ResultColumn(statement.name, SqlType("character varying", length=256))
        return Result("SHOW", (column,), [(self._parameters.get(statement.name),)], 1)

    def _explain(self, statement: Explain) -> Result:
        rewritten = self._rewriter.query(statement.query)
        rows = self._connection.rows(f"EXPLAIN {rewritten.sql}")
        lines = [(line,) for row in rows for line in str(row[1]).splitlines()]
        return Result("EXPLAIN", (ResultColumn("QUERY PLAN", SqlType("character varying")),), lines, len(lines))

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

    def _set_variables(self, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            self._connection.run(f"SET VARIABLE {name} = {_variable(value)}")


def _variable(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_variable, value))}]"
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
