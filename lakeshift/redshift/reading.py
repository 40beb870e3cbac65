"""SQL text to a tree, without the parser's own ideas of functions: every call stays a name with arguments.

The functions are ours (:mod:`lakeshift.redshift.functions`), so that one Redshift does not have is an error and none
is translated by a guess.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import sqlglot
from sqlglot import expressions as exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import SqlglotError

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError, syntax_error

__all__ = ["fold", "parse_expression", "parse_query"]

# Calls with a grammar of their own: CAST(x AS t), EXTRACT(part FROM x) and so on.
_KEPT: Final = ("CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "CONVERT")


class _Tree(Redshift):
    class Parser(Redshift.Parser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser for name, parser in Redshift.Parser.FUNCTION_PARSERS.items() if name in _KEPT
        }


_KEYWORD_CALLS: Final = {
    "sysdate": exp.CurrentTimestamp,
    "user": exp.CurrentUser,
    "session_user": exp.CurrentUser,
    "current_user": exp.CurrentUser,
}
_REFUSED: Final[tuple[tuple[Any, str], ...]] = (
    (exp.Filter, "FILTER clause is not supported"),
    (exp.TableSample, "TABLESAMPLE is not supported"),
    (exp.Array, "ARRAY constructor is not supported"),
    (exp.Lambda, "syntax error"),
    (exp.JSON, "syntax error"),
    (exp.Lock, "SELECT FOR UPDATE is not supported"),
)


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
    _refuse(tree)
    return fold(tree)


def parse_expression(sql: str) -> Any:
    """The tree of one scalar expression."""
    return parse_query(f"SELECT {sql}").expressions[0]


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


def _refuse(tree: Any) -> None:
    for kind, text in _REFUSED:
        if tree.find(kind):
            raise RedshiftError(text, "0A000")
    for values in tree.find_all(exp.Values):
        if not isinstance(values.parent, exp.Insert):
            raise syntax_error("VALUES")
    for distinct in tree.find_all(exp.Distinct):
        if distinct.args.get("on"):
            raise RedshiftError("SELECT DISTINCT ON is not supported", "0A000")
    for spec in tree.find_all(exp.WindowSpec):
        if str(spec.args.get("kind", "")).upper() != "ROWS":
            raise RedshiftError("RANGE frames are not supported: only ROWS frames are", "0A000")
    _refuse_for_now(tree)


def _refuse_for_now(tree: Any) -> None:
    for kind in (exp.Pivot, exp.Unnest, exp.Lateral, exp.Bracket, exp.MatchRecognize, exp.AtIndex):
        if tree.find(kind):
            raise NotSupportedLocallyError(
                f"{kind.__name__.upper()} and SUPER navigation",
                "Write CASE expressions, or shred the document before the load.",
                "https://docs.aws.amazon.com/redshift/latest/dg/query-super.html",
            )
