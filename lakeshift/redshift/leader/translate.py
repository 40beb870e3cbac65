"""A leader-node query to the engine's SQL: names, operators, casts and functions of PostgreSQL's catalogs."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import sqlglot
from sqlglot import expressions as exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError

from lakeshift.redshift.errors import RedshiftError
from lakeshift.redshift.leader.catalogs import CATALOGS
from lakeshift.redshift.leader.functions import LEADER_FUNCTIONS, PLAIN_FUNCTIONS
from lakeshift.redshift.system_views import SYSTEM_VIEWS
from lakeshift.redshift.tokens import Token, tokenize

__all__ = ["translate"]

# Whether it is worth a look: nearly every statement is not.
_HINT: Final = re.compile(
    r"\b(?:pg_\w+|format_type|col_description|obj_description|"
    r"regclass|svv_(?:external|user|roles|mv_info|redshift_functions)\w*|has_(?:schema|table)_privilege|has_database_privilege|array_upper)\b|"
    r"\bcurrent_(?:schemas?|database|setting)\s*\(",
    re.IGNORECASE,
)
_SHOWN: Final = frozenset(
    {"pg_backend_pid", "pg_last_query_id", "pg_last_copy_id", "pg_last_copy_count", "pg_cancel_backend"}
    | {"pg_terminate_backend"}
)
_DEFINITION: Final = re.compile(r"pg_get_late_binding_view_cols\s*\(\s*\)\s*(?:AS\s+)?(\w+)?\s*\(([^()]*)\)", re.I)


class _Catalogs(Postgres):
    """PostgreSQL's grammar, without the parser's ideas of functions: every call stays a name with arguments."""

    class Parser(Postgres.Parser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {"ARRAY": Postgres.Parser.FUNCTIONS["ARRAY"]}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser
            for name, parser in Postgres.Parser.FUNCTION_PARSERS.items()
            if name in ("CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING")
        }


def translate(sql: str) -> str | None:
    """The engine's SQL of a query that only the catalogs answer, None for any other statement.

    Raises RedshiftError for one that joins the catalogs with a function they do not have.
    """
    if not _HINT.search(sql) or not sql.lstrip(" (\n\t").upper().startswith(("SELECT", "WITH", "--", "/*")):
        return None
    try:
        tree = sqlglot.parse_one(_plain(sql), read=_Catalogs)
    except SqlglotError:
        return None
    if not isinstance(tree, exp.Query) or not _is_leaders(tree):
        return None
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.this.lower())
        identifier.set("quoted", True)
    _name_columns(tree)
    _point(tree)
    _show_lists(tree)
    for node in reversed(list(tree.walk())):
        _rewrite(node)
    return str(tree.sql(dialect="duckdb"))


def _plain(sql: str) -> str:
    """Without the schema pg_catalog before names, types and operators, and without collations."""
    sql = _DEFINITION.sub(_columns_named, sql)
    tokens = tokenize(sql)
    out = ""
    position = index = 0
    while index < len(tokens):
        size = _dropped(tokens, index)
        if size:
            out += sql[position : tokens[index].start]
            if tokens[index].upper == "OPERATOR":
                out += " " + tokens[index + 4].text + _more(tokens, index + 5)
            position = tokens[index + size - 1].end
            index += size
        else:
            index += 1
    return out + sql[position:]


def _columns_named(found: re.Match[str]) -> str:
    names = ", ".join(part.split()[0] for part in found[2].split(",") if part.split())
    return f"pg_get_late_binding_view_cols AS {found[1] or 'cols'}({names})"


def _dropped(tokens: list[Token], index: int) -> int:
    """How many tokens from here on say nothing: ``pg_catalog .``, ``COLLATE pg_catalog.default``, ``OPERATOR(…)``."""
    word = [token.upper for token in tokens[index : index + 4]]
    if word[:2] == ["PG_CATALOG", "."]:
        return 2
    if word[:1] == ["COLLATE"]:
        return 4 if word[2:3] == ["."] else 2
    if word[:4] == ["OPERATOR", "(", "PG_CATALOG", "."]:
        end = next(place for place in range(index + 4, len(tokens)) if tokens[place].text == ")")
        return end - index + 1
    return 0


def _more(tokens: list[Token], index: int) -> str:
    out = ""
    while tokens[index].text != ")":
        out += tokens[index].text
        index += 1
    return out + " "


def _tables(tree: Any) -> list[Any]:
    local = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    return [
        table
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Identifier) and (table.db or table.name.lower() not in local)
    ]


def _is_system_view(name: str) -> bool:
    """Whether the warehouse's own view of that name is meant rather than ours, which may be an empty one."""
    return name in SYSTEM_VIEWS and (name not in CATALOGS or name.startswith("svv_"))


def _name(table: Any) -> str:
    plain = str(table.name).lower()
    return f"information_schema_{plain}" if table.db.lower() == "information_schema" else plain


def _is_leaders(tree: Any) -> bool:
    """Whether it reads catalogs alone, and at least one that only we know."""
    names = [(table.db.lower(), _name(table)) for table in _tables(tree)]
    if not all(schema in ("", "information_schema") and (n in CATALOGS or n in SYSTEM_VIEWS) for schema, n in names):
        return False
    if any(name in CATALOGS for _, name in names):
        return True
    called = {_called(node) for node in tree.find_all(exp.Func)} | {n.name.lower() for n in tree.find_all(exp.Column)}
    return (bool(called & set(LEADER_FUNCTIONS)) and not called & _SHOWN) or _casts_to_reg(tree)


def _casts_to_reg(tree: Any) -> bool:
    return any(_cast_name(node) in ("regclass", "regtype") for node in tree.find_all(exp.Cast))


def _called(node: Any) -> str:
    return str(node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _point(tree: Any) -> None:
    for table in _tables(tree):
        name, alias = _name(table), table.alias_or_name
        ours = name if _is_system_view(name) else f"leader_{name}"
        columns = table.args["alias"].args.get("columns") if table.args.get("alias") else None
        table.set("this", exp.to_identifier(ours, quoted=True))
        table.set("db", exp.to_identifier("_lakeshift", quoted=True))
        table.set("catalog", None)
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True), columns=columns))


def _show_lists(tree: Any) -> None:
    """A list in the result is printed as PostgreSQL prints an array."""
    select = tree
    while isinstance(select, exp.SetOperation):
        select = select.this
    for item in getattr(select, "expressions", []):
        inner = item.this if isinstance(item, exp.Alias) else item
        if isinstance(inner, exp.Array) or (isinstance(inner, exp.Func) and _called(inner) == "current_schemas"):
            inner.replace(exp.Anonymous(this="main.lp_text", expressions=[inner.copy()]))


def _name_columns(tree: Any) -> None:
    """Give a result column without a name the one PostgreSQL gives it."""
    for select in tree.find_all(exp.Select):
        for item in list(select.expressions):
            if isinstance(item, exp.Alias | exp.Column) or item.is_star:
                continue
            item.replace(exp.alias_(item.copy(), _column_name(item), quoted=True))


def _column_name(item: Any) -> str:
    while isinstance(item, exp.Paren | exp.Cast):
        if isinstance(item, exp.Cast) and not isinstance(item.this, exp.Column | exp.Func | exp.Cast):
            return _cast_name(item)
        item = item.this
    if isinstance(item, exp.Column):
        return str(item.name)
    if isinstance(item, exp.Case):
        return "case"
    return _called(item) if isinstance(item, exp.Func) else "?column?"


def _cast_name(node: Any) -> str:
    kind = node.to
    text = str(kind.args.get("kind") or kind.sql(dialect="postgres"))
    return text.strip('"').lower()


def _rewrite(node: Any) -> None:
    if isinstance(node, exp.Cast):
        _cast(node)
    elif isinstance(node, exp.CurrentUser | exp.SessionUser):
        node.replace(exp.Var(this="getvariable('user')"))
    elif isinstance(node, exp.CurrentSchema):
        node.replace(exp.Var(this="getvariable('schema')"))
    elif isinstance(node, exp.CurrentDatabase | exp.CurrentCatalog):
        node.replace(exp.Var(this="getvariable('database')"))
    elif isinstance(node, exp.Anonymous) and not node.name.startswith("main."):
        _call(node)


def _call(node: Any) -> None:
    name = node.name.lower()
    template = LEADER_FUNCTIONS.get(name)
    if template is None:
        if name not in PLAIN_FUNCTIONS:
            raise RedshiftError(f"function {name}() does not exist", "42883")
        return
    arguments = [argument.sql(dialect="duckdb") for argument in node.expressions]
    if name.startswith("has_") and len(arguments) == 2:  # the user is left out
        arguments.insert(0, "getvariable('user')")
    for index, argument in enumerate(arguments):
        template = template.replace(f"{{{index}}}", f"({argument})")
    if re.search(r"\{\d\}", template):
        raise RedshiftError(f"function {name}() does not exist", "42883")
    node.replace(exp.Var(this=template))


def _cast(node: Any) -> None:
    name = _cast_name(node)
    inner = node.this.sql(dialect="duckdb")
    if name == "regclass":
        literal = isinstance(node.this, exp.Literal)
        node.replace(exp.Var(this=f"main.lp_regclass({inner})" if literal else f"main.lp_relation({inner})"))
    elif name == "regtype":
        node.replace(exp.Var(this=f"CAST({_type_number(node.this)} AS BIGINT)"))
    elif name in ("oid", "xid", "regproc", "regnamespace"):
        node.replace(exp.Var(this=f"CAST({inner} AS BIGINT)"))
    elif name in ("name", "char", "text"):
        node.replace(exp.Var(this=f"CAST({inner} AS VARCHAR)"))


def _type_number(value: Any) -> str:
    text = str(value.name).lower() if isinstance(value, exp.Literal) else ""
    return {"trigger": "2279", "pg_catalog.trigger": "2279"}.get(text, f"main.lp_type({value.sql(dialect='duckdb')})")
