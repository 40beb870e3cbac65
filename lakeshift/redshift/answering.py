"""The part of a session that answers queries: translated once, described without running, rows or tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlglot import exp

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.administration import Administration
from lakeshift.redshift.ddl import Ddl
from lakeshift.redshift.dml import Dml
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.explaining import NOTICE, plan_lines
from lakeshift.redshift.external_ddl import ExternalDdl
from lakeshift.redshift.external_tables import ExternalTables
from lakeshift.redshift.grammar import parse
from lakeshift.redshift.leader import translate
from lakeshift.redshift.naming import table_name
from lakeshift.redshift.parameters import Parameters
from lakeshift.redshift.reading import CASE_SENSITIVE, parse_query
from lakeshift.redshift.result import Result, ResultColumn
from lakeshift.redshift.shapes import engine_columns, result_columns
from lakeshift.redshift.showing import HEADINGS, routine_text, table_text, view_text
from lakeshift.redshift.statements import CreateTable, Explain, Prepared, Query, Show, ShowDefinition
from lakeshift.redshift.transactions import Transactions
from lakeshift.redshift.translations import Translation, Translations
from lakeshift.redshift.types import MAX_VARCHAR, SqlType

__all__ = ["Answers"]

_SETTINGS = tuple(ResultColumn(name, SqlType("character varying", length=256)) for name in ("name", "setting"))
_PAGE = "https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_commands.html"


class Answers(Transactions):
    """Mixed into a session."""

    bulk: bool
    _administration: Administration
    _ddl: Ddl
    _dml: Dml
    _external: ExternalTables
    _external_ddl: ExternalDdl
    _parameters: Parameters
    _connection: Connection
    _translations: Translations

    def _stopped(self, statement: Query) -> Result | None:
        raise NotImplementedError

    def _note_change(self) -> None:
        raise NotImplementedError

    def describe(self, sql: str) -> tuple[ResultColumn, ...]:
        """Columns the statement's result will have, empty where it has none; nothing is run."""
        if self._failed:
            return ()
        if not self._in_transaction:
            self._catch_up()
        self._names.forget()
        self._external.clear()
        self._external.query = 0
        CASE_SENSITIVE.set(self._parameters.case_sensitive)
        statement = parse(sql)
        if isinstance(statement, ShowDefinition):
            return (ResultColumn(HEADINGS[statement.kind], SqlType("character varying", length=MAX_VARCHAR)),)
        if isinstance(statement, Show):
            shown = (ResultColumn(statement.name, SqlType("character varying", length=256)),)
            return _SETTINGS if statement.name == "all" else shown
        if isinstance(statement, Explain):
            return (ResultColumn("QUERY PLAN", SqlType("character varying")),)
        if isinstance(statement, Prepared) and statement.verb == "EXECUTE":
            return self.describe(self._prepared.bound(statement))
        return self._query_columns(statement) if isinstance(statement, Query) else self._routine_columns(statement)

    def _query_columns(self, statement: Query) -> tuple[ResultColumn, ...]:
        asked = translate(statement.sql)
        if asked is not None:
            return engine_columns(self._connection.shape(asked))
        tree = parse_query(statement.sql)
        if not isinstance(tree, exp.Query) or tree.args.get("into") is not None:
            return ()
        rewritten = self._rewriter.tree(tree)
        return result_columns(self._connection.shape(rewritten.sql), rewritten)

    def _insert_external(self, tree: Any) -> Result | None:
        """INSERT into an external table; None where the target is none."""
        if isinstance(tree.this, exp.Schema) or tree.expression is None:
            return None
        relation = self._names.find(table_name(tree.this))
        if relation is None or relation.kind != "EXTERNAL":
            return None
        if self._in_transaction:
            raise RedshiftError("INSERT into an external table cannot run inside a transaction block", "25001")
        source = tree.expression
        if tree.args.get("with_") is not None:
            source.set("with_", tree.args["with_"])
        if isinstance(source, exp.Values):
            source = exp.select("*").from_(source)
        return Result("INSERT", row_count=self._external_ddl.insert(relation, self._rewriter.tree(source).sql))

    def _query(self, statement: Query) -> Result:
        stopped = self._stopped(statement)
        if stopped is not None:
            return stopped
        asked = translate(statement.sql)
        if asked is not None:
            described, found = self._connection.table_of(asked)
            return Result("SELECT", engine_columns(described), found, len(found))
        known = self._translations.find(self._translation_key(statement), self._version)
        if known is not None:
            self._rewriter.read.update(known.relations)
            return self._answer(known)
        tree = parse_query(statement.sql)
        if isinstance(tree, exp.Insert) and (written := self._insert_external(tree)) is not None:
            return written
        if isinstance(tree, exp.Insert | exp.Update | exp.Delete):
            tag, count = self._dml.run(tree)
            return Result(tag, row_count=count)
        if not isinstance(tree, exp.Query):
            raise NotSupportedLocallyError(type(tree).__name__.upper(), "Write the query itself.", _PAGE)
        if tree.args.get("into") is not None:
            return self._select_into(tree)
        return self._translated(statement, tree)

    def _translation_key(self, statement: Query) -> tuple[object, ...]:
        # What else decides, privileges and functions, is in the catalog: each change of it is another version.
        return statement.sql, self._names.search_path, self._parameters.case_sensitive

    def _translated(self, statement: Query, tree: Any) -> Result:
        version = self._version
        rewritten = self._rewriter.tree(tree)
        made = Translation(rewritten.last_sql(), (), frozenset(rewritten.relations))
        if self.bulk:
            made = replace(made, columns=result_columns(self._connection.shape(made.sql), rewritten))
            result = self._answer(made)
        else:
            # The answer tells its shape: asking for it before would make the engine plan the query twice.
            described, rows = self._connection.table_of(made.sql, last=True)
            made = replace(made, columns=result_columns(described, rewritten))
            result = Result("SELECT", made.columns, rows, len(rows))
        # Only what our own catalog alone decides: no late-binding view, nothing that lies outside.
        read = map(self._names.find, rewritten.names)
        if all(one is not None and one.kind == "TABLE" for one in read):
            self._translations.keep(self._translation_key(statement), version, made)
        return result

    def _answer(self, query: Translation) -> Result:
        if self.bulk:
            table = self._connection.table(query.sql)
            return Result("SELECT", query.columns, row_count=table.num_rows, table=table)
        rows = self._connection.rows(query.sql, last=True)
        return Result("SELECT", query.columns, rows, len(rows))

    def _select_into(self, tree: Any) -> Result:
        into = tree.args["into"]
        self._note_change()
        tree.set("into", None)
        name = tuple(part for part in (into.this.catalog, into.this.db, into.this.name) if part)
        temporary = bool(into.args.get("temporary")) or name[-1].startswith("#")
        statement = CreateTable(name, temporary, False, query=tree.sql(dialect="redshift"))
        return Result("SELECT", row_count=self._ddl.create_table(statement))

    def _show(self, statement: Show) -> Result:
        if statement.name == "all":
            rows: list[tuple[Any, ...]] = self._parameters.shown()
            return Result("SHOW", _SETTINGS, rows, len(rows))
        column = ResultColumn(statement.name, SqlType("character varying", length=256))
        return Result("SHOW", (column,), [(self._parameters.get(statement.name),)], 1)

    def _show_definition(self, statement: ShowDefinition) -> Result:
        column = ResultColumn(HEADINGS[statement.kind], SqlType("character varying", length=MAX_VARCHAR))
        return Result("SHOW", (column,), [(self._definition(statement),)], 1)

    def _definition(self, statement: ShowDefinition) -> str:
        if statement.kind == "PROCEDURE":
            return routine_text(self._routines.one(statement, self._names.search_path))
        relation = self._names.need(statement.name, table=statement.kind == "TABLE")
        if statement.kind == "VIEW" and relation.kind not in ("VIEW", "LATE", "MATERIALIZED"):
            raise RedshiftError(f'"{relation.name}" is not a view', "42809")
        self._rewriter.authorize(relation, "SELECT")
        return table_text(relation) if statement.kind == "TABLE" else view_text(relation)

    def _explain(self, statement: Explain) -> Result:
        rewritten = self._rewriter.query(statement.query)
        rows = self._connection.rows(f"EXPLAIN (FORMAT json) {rewritten.sql}")
        lines: list[tuple[Any, ...]] = [(line,) for row in rows for line in plan_lines(str(row[1]))]
        column = ResultColumn("QUERY PLAN", SqlType("character varying"))
        return Result("EXPLAIN", (column,), lines, len(lines), notices=(NOTICE,))
