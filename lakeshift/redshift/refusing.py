"""What the parser understands and Redshift does not: each refused by name, none run as the engine understands it.

https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-features.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from sqlglot import expressions as exp

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError, syntax_error
from lakeshift.redshift.walking import Nodes

__all__ = ["refuse"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/"
_UNSUPPORTED: Final = "0A000"
_KINDS: Final[tuple[tuple[Any, str], ...]] = (
    (exp.Filter, "FILTER clause is not supported"),
    (exp.TableSample, "TABLESAMPLE is not supported"),
    (exp.Array, "ARRAY constructor is not supported"),
    (exp.Lambda, "syntax error"),
    (exp.JSON, "syntax error"),
    (exp.Lock, "SELECT FOR UPDATE is not supported"),
    (exp.Returning, "RETURNING clause is not supported"),
    (exp.OnConflict, "ON CONFLICT clause is not supported"),
    (exp.Fetch, "FETCH FIRST clause is not supported"),
    (exp.Version, "time travel is not supported"),
    (exp.Struct, "syntax error"),
    (exp.Glob, "syntax error"),
    (exp.Sort, "syntax error"),
    (exp.Cluster, "syntax error"),
    (exp.Distribute, "syntax error"),
)
# Words the engine would answer, with its own schema, user or local time.
_ENGINE_WORDS: Final = (exp.CurrentSchema, exp.CurrentCatalog, exp.CurrentRole, exp.CurrentDatetime)
_LEADER_WORDS: Final = (exp.CurrentTime, exp.Localtime, exp.Localtimestamp)
# The parser's name of a clause -> the word a client wrote, where they differ.
_WORDS: Final = {"tables": "FROM", "alternative": "OR", "by_name": "BY", "windows": "WINDOW", "with_ties": "WITH"}


def refuse(found: Nodes) -> None:
    """Raise for the first node of a tree that is not Redshift's: RedshiftError, or ours for what may come."""
    refused = [index for one in found.types if (index := _refused(one)) is not None]
    if refused:
        raise RedshiftError(_KINDS[min(refused)][1], _UNSUPPORTED)
    for node in found.all:
        for rule in _rules(node.__class__):
            rule(node)
    _refuse_for_now(found)


@cache
def _refused(one: type) -> int | None:
    return next((index for index, (kind, _) in enumerate(_KINDS) if issubclass(one, kind)), None)


@cache
def _rules(one: type) -> tuple[Callable[[Any], None], ...]:
    return tuple(rule for kinds, rule in _RULES if issubclass(one, kinds))


def _values(node: Any) -> None:
    if not isinstance(node.parent, exp.Insert):
        raise syntax_error("VALUES")


def _distinct(node: Any) -> None:
    if node.args.get("on"):
        raise RedshiftError("SELECT DISTINCT ON is not supported", _UNSUPPORTED)


def _frame(node: Any) -> None:
    if str(node.args.get("kind", "")).upper() != "ROWS":
        raise RedshiftError("RANGE frames are not supported: only ROWS frames are", _UNSUPPORTED)


def _join(node: Any) -> None:
    if node.kind not in ("", "INNER", "OUTER", "CROSS") or node.method not in ("", "NATURAL"):
        raise syntax_error(node.method or node.kind)


def _set_operation(node: Any) -> None:
    if not node.args.get("distinct") and not isinstance(node, exp.Union):
        raise RedshiftError(f"{type(node).__name__.upper()} ALL is not supported", _UNSUPPORTED)
    if node.args.get("by_name"):
        raise syntax_error("BY")


def _only_known(*arguments: str) -> Callable[[Any], None]:
    def rule(node: Any) -> None:
        for argument in arguments:
            if node.args.get(argument):
                raise syntax_error(_WORDS.get(argument, argument.upper()))

    return rule


def _if(node: Any) -> None:
    if not isinstance(node.parent, exp.Case):
        raise RedshiftError("function if() does not exist", "42883")


def _ordered_argument(node: Any) -> None:
    if any(isinstance(argument, exp.Order) for argument in node.expressions):
        raise syntax_error("ORDER")


def _engine_word(node: Any) -> None:
    raise RedshiftError(f'column "{node.sql().removesuffix("()").lower()}" does not exist', "42703")


_RULES: Final[tuple[tuple[Any, Callable[[Any], None]], ...]] = (
    (exp.Values, _values),
    (exp.Distinct, _distinct),
    (exp.WindowSpec, _frame),
    (exp.Join, _join),
    (exp.SetOperation, _set_operation),
    (exp.Select, _only_known("windows")),
    (exp.Star, _only_known("replace", "rename")),
    (exp.LimitOptions, _only_known("percent", "with_ties")),
    # A limited DELETE or UPDATE would touch every row: the engine has no such clause.
    ((exp.Update, exp.Delete), _only_known("limit", "order", "tables")),
    (exp.Insert, _only_known("alternative", "overwrite", "by_name", "ignore", "partition")),
    (exp.If, _if),
    (exp.Anonymous, _ordered_argument),
    (_ENGINE_WORDS, _engine_word),
)


def _refuse_for_now(found: Nodes) -> None:
    for word in found.of(*_LEADER_WORDS):
        raise NotSupportedLocallyError(
            type(word).__name__.upper(), "Use SYSDATE or GETDATE().", f"{_PAGE}Date_functions_header.html"
        )
    for kind in (exp.Lateral, exp.MatchRecognize):
        if found.has(kind):
            raise syntax_error(kind.__name__.upper())
