"""INSERT, UPDATE, DELETE and MERGE.

https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
"""

from __future__ import annotations

from typing import Any

from sqlglot import expressions as exp

from lakeshift.redshift.assigning import assigned
from lakeshift.redshift.catalog import Relation, quoted
from lakeshift.redshift.engine import Connection
from lakeshift.redshift.errors import RedshiftError, syntax_error
from lakeshift.redshift.naming import Names, table_name
from lakeshift.redshift.reading import parse_query
from lakeshift.redshift.rewriting import Rewriter, render
from lakeshift.redshift.statements import ColumnDef, Merge

__all__ = ["Dml"]


class Dml:
    """Changes rows for one session."""

    def __init__(self, connection: Connection, names: Names, rewriter: Rewriter) -> None:
        self._connection = connection
        self._names = names
        self._rewriter = rewriter

    def run(self, tree: Any) -> tuple[str, int]:
        """Run a parsed INSERT, UPDATE or DELETE; the command's tag and the rows it touched."""
        if isinstance(tree, exp.Insert):
            return "INSERT", self._insert(tree)
        target = self._target(tree.this)
        _mark_defaults(target, tree)
        found = self._rewriter.tree(tree).tree
        if isinstance(tree, exp.Update):
            for setting in found.expressions:
                column = _need_column(target, setting.this.name)
                setting.this.set("table", None)
                setting.set("expression", exp.Var(this=self._value(column, setting.expression)))
            return "UPDATE", self._connection.count(render(found))
        return "DELETE", self._connection.count(render(found))

    def _target(self, table: Any) -> Relation:
        return self._names.need(table_name(table), table=True)

    def _value(self, column: ColumnDef, expression: Any) -> str:
        if isinstance(expression, exp.Var) and expression.name.upper() == "DEFAULT":
            if column.identity:
                raise RedshiftError(f"cannot set an identity column to a value: {column.name}", "0A000")
            return assigned(column, self._rewriter.expression(column.default or "NULL"))
        return assigned(column, render(expression))

    def _insert(self, tree: Any) -> int:
        schema = tree.this
        named = isinstance(schema, exp.Schema)
        target = self._target(schema.this if named else schema)
        self._rewriter.authorize(target, "INSERT")
        columns = self._insert_columns(target, [item.name for item in schema.expressions] if named else None)
        source = tree.expression
        if source is None:
            return self._connection.count(f"INSERT INTO {target.sql} DEFAULT VALUES")
        if isinstance(source, exp.Values):
            query, columns = self._values(source, columns, explicit=named)
        else:
            with_clause = tree.args.get("with_")
            if with_clause is not None:
                source.set("with_", with_clause)
            rewritten = self._rewriter.tree(source)
            query = rewritten.sql
            width = len(rewritten.columns)
            if any(item.is_star for item in _select_list(source)):
                # Only the engine knows how many columns a star is.
                width = len(self._connection.rows(f"DESCRIBE {query}"))
            if width > len(columns):
                raise RedshiftError("INSERT has more expressions than target columns", "42601")
            if named and width < len(columns):
                raise RedshiftError("INSERT has more target columns than expressions", "42601")
            columns = columns[:width]
        names = ", ".join(quoted(column.name) for column in columns)
        values = ", ".join(assigned(column, quoted(column.name)) for column in columns)
        if isinstance(source, exp.Values):
            values = ", ".join(quoted(column.name) for column in columns)
        return self._connection.count(
            f"INSERT INTO {target.sql} ({names}) SELECT {values} FROM ({query}) AS ls_source({names})"
        )

    @staticmethod
    def _insert_columns(target: Relation, names: list[str] | None) -> list[ColumnDef]:
        if names is None:
            return [column for column in target.columns if column.identity is None]
        columns = [_need_column(target, name) for name in names]
        for column in columns:
            if column.identity and not column.identity[2]:
                raise RedshiftError(f"cannot set an identity column to a value: {column.name}", "0A000")
        return columns

    def _values(self, source: Any, columns: list[ColumnDef], *, explicit: bool) -> tuple[str, list[ColumnDef]]:
        widths = {len(_row(row)) for row in source.expressions}
        if len(widths) != 1:
            raise RedshiftError("VALUES lists must all be the same length", "42601")
        width = widths.pop()
        if width > len(columns):
            raise RedshiftError("INSERT has more expressions than target columns", "42601")
        if explicit and width < len(columns):
            raise RedshiftError("INSERT has more target columns than expressions", "42601")
        columns = columns[:width]
        select = [exp.Tuple(expressions=_row(row)) for row in source.expressions]
        rows = []
        for row in select:
            holder = exp.Select(expressions=[item.copy() for item in row.expressions])
            items = self._rewriter.tree(holder).tree.expressions
            plain = [item.this if isinstance(item, exp.Alias) else item for item in items]
            rows.append("(" + ", ".join(self._value(c, item) for c, item in zip(columns, plain, strict=True)) + ")")
        return "VALUES " + ", ".join(rows), columns

    def merge(self, statement: Merge) -> int:
        """Run MERGE; both of its branches are needed, as Redshift asks."""
        if statement.remove_duplicates:
            return self._remove_duplicates(statement)
        tree = parse_query(statement.sql)
        if not isinstance(tree, exp.Merge):
            raise syntax_error("MERGE")
        target = self._target(tree.this)
        for privilege in ("INSERT", "UPDATE", "DELETE"):
            self._rewriter.authorize(target, privilege)
        whens = tree.args["whens"].expressions
        if {bool(when.args["matched"]) for when in whens} != {True, False} or len(whens) != 2:
            raise RedshiftError("MERGE needs one WHEN MATCHED and one WHEN NOT MATCHED clause", "42601")
        if any(when.args.get("condition") or when.args.get("source") for when in whens):
            raise RedshiftError("MERGE conditions after WHEN MATCHED and WHEN NOT MATCHED are not supported", "0A000")
        _mark_defaults(target, tree)
        found = self._rewriter.tree(tree).tree
        for when in found.args["whens"].expressions:
            self._merge_branch(target, when.args["then"])
        return self._connection.count(render(found))

    def _merge_branch(self, target: Relation, then: Any) -> None:
        if isinstance(then, exp.Update):
            for setting in then.expressions:
                column = _need_column(target, setting.this.name)
                setting.this.set("table", None)
                setting.set("expression", exp.Var(this=self._value(column, setting.expression)))
        elif isinstance(then, exp.Insert):
            values = then.expression.expressions
            names = [item.name for item in then.this.expressions] if then.this is not None else None
            columns = self._insert_columns(target, names)[: None if names else len(values)]
            if len(columns) != len(values):
                raise RedshiftError("INSERT has more expressions than target columns", "42601")
            pairs = zip(columns, values, strict=True)
            then.expression.set("expressions", [exp.Var(this=self._value(column, value)) for column, value in pairs])
            then.set("this", exp.Tuple(expressions=[exp.column(column.name, quoted=True) for column in columns]))

    def _remove_duplicates(self, statement: Merge) -> int:
        """Rows of the source replace the target's rows they match; equal source rows count once."""
        target = self._names.need(statement.target, table=True)
        for privilege in ("INSERT", "DELETE"):
            self._rewriter.authorize(target, privilege)
        source = parse_query(f"SELECT * FROM {statement.source}")
        table = source.find(exp.Table)
        alias = table.alias_or_name if table is not None else "source"
        name = ".".join(quoted(part) for part in statement.target)
        delete = parse_query(f"DELETE FROM {name} USING {statement.source} WHERE {statement.condition}")
        rewritten = self._rewriter.tree(source).sql
        self._connection.run(f"CREATE OR REPLACE TEMP TABLE ls_merge AS SELECT DISTINCT * FROM ({rewritten})")
        self._connection.count(self._rewriter.tree(delete).sql)
        values = ", ".join(assigned(column, f"{quoted(alias)}.{quoted(column.name)}") for column in target.columns)
        count = self._connection.count(f"INSERT INTO {target.sql} SELECT {values} FROM ls_merge AS {quoted(alias)}")
        self._connection.run("DROP TABLE temp.main.ls_merge")
        return count


def _row(row: Any) -> list[Any]:
    return list(row.expressions) if isinstance(row, exp.Tuple) else [row.this if isinstance(row, exp.Paren) else row]


def _select_list(query: Any) -> list[Any]:
    while isinstance(query, exp.Subquery | exp.SetOperation):
        query = query.this
    return list(query.expressions)


def _mark_defaults(target: Relation, tree: Any) -> None:
    """SET column = DEFAULT: the parser takes the word for a column's name."""
    for update in tree.find_all(exp.Update):
        for setting in update.expressions:
            value = setting.expression
            plain = isinstance(value, exp.Column) and value.name == "default" and not value.table
            if plain and target.column("default") is None:
                setting.set("expression", exp.Var(this="DEFAULT"))


def _need_column(target: Relation, name: str) -> ColumnDef:
    found = target.column(name)
    if found is None:
        raise RedshiftError(f'column "{name}" of relation "{target.name}" does not exist', "42703")
    return found
