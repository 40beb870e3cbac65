"""SQL text to a tree, without the parser's own ideas of functions: every call stays a name with arguments.

The functions are ours (:mod:`lakeshift.redshift.functions`), so that one Redshift does not have is an error and none
is translated by a guess.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import sqlglot
from sqlglot import expressions as exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import syntax_error
from lakeshift.redshift.refusing import refuse

__all__ = ["fold", "parse_expression", "parse_query", "render"]

# Calls with a grammar of their own: CAST(x AS t), EXTRACT(part FROM x) and so on.
_KEPT: Final = ("CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "CONVERT")


class _Tree(Redshift):
    class Parser(Redshift.Parser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser for name, parser in Redshift.Parser.FUNCTION_PARSERS.items() if name in _KEPT
        }

        def _parse_value(self, values: bool = True) -> exp.Tuple | None:
            # MERGE's INSERT VALUES (…) without a list of columns is no call of a function VALUES.
            if not values and self._match_text_seq("VALUES", advance=False):
                return None
            return super()._parse_value(values=values)


_KEYWORD_CALLS: Final = {
    "sysdate": exp.CurrentTimestamp,
    "user": exp.CurrentUser,
    "session_user": exp.CurrentUser,
    "current_user": exp.CurrentUser,
}


def parse_query(sql: str) -> Any:
    """The tree of one SELECT or statement of DML, its identifiers folded; raises for what Redshift refuses."""
    tree: Any
    try:
        tree = sqlglot.parse_one(sql, read=_Tree)
    except SqlglotError as error:
        details = getattr(error, "errors", [])
        raise syntax_error(details[0].get("highlight") if details else None) from error
    if isinstance(tree, exp.Command) or tree is None:
        raise syntax_error(sql.split(maxsplit=1)[0])
    if isinstance(tree, exp.Delete) and not tree.this and len(tree.args.get("tables") or []) == 1:
        # DELETE t, without FROM: the parser takes t for one of several tables.
        tree.set("this", tree.args["tables"][0])
        tree.set("tables", None)
    refuse(tree)
    return fold(tree)


def parse_expression(sql: str) -> Any:
    """The tree of one scalar expression."""
    return parse_query(f"SELECT {sql}").expressions[0]


def render(tree: Any) -> str:
    """The tree as the engine's SQL; refuses what the engine cannot say, instead of leaving it out."""
    try:
        return str(tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE))
    except UnsupportedError as error:
        raise NotSupportedLocallyError(
            str(error),
            "Write the query in another way.",
            "https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_synopsis.html",
        ) from error


def fold(tree: Any) -> Any:
    """Fold identifiers to lower case, quoted ones too: enable_case_sensitive_identifier is off by default."""
    for column in list(tree.find_all(exp.Column)):
        name = column.name.lower()
        if not column.table and not column.this.args.get("quoted") and name in _KEYWORD_CALLS:
            column.replace(_KEYWORD_CALLS[name]())
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.this.lower())
        identifier.set("quoted", True)
    return tree
