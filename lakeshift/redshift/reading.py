"""SQL text to a tree, without the parser's own ideas of functions: every call stays a name with arguments.

The functions are ours (:mod:`lakeshift.redshift.functions`), so that one Redshift does not have is an error and none
is translated by a guess.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, ClassVar, Final

from sqlglot import expressions as exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError
from sqlglot.tokens import Token, TokenType

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError, syntax_error
from lakeshift.redshift.refusing import refuse
from lakeshift.redshift.tokens import tokenize
from lakeshift.redshift.types import is_type_word
from lakeshift.redshift.walking import Nodes

__all__ = ["CASE_SENSITIVE", "RELATION", "Navigate", "Unnesting", "parse_expression", "parse_query", "render"]

# Whether quoted identifiers keep their case, and whether attributes of SUPER do: two parameters of a session.
CASE_SENSITIVE: Final[ContextVar[tuple[bool, bool]]] = ContextVar("case_sensitive", default=(False, False))

# Calls with a grammar of their own: CAST(x AS t), EXTRACT(part FROM x) and so on.
_KEPT: Final = ("CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "CONVERT")


_INTERVAL_UNITS: Final = frozenset(
    f"{name}{plural}"
    for name in [
        "YEAR",
        "QUARTER",
        "MONTH",
        "WEEK",
        "DAY",
        "HOUR",
        "MINUTE",
        "SECOND",
        "MILLISECOND",
        "MICROSECOND",
        "DECADE",
        "CENTURY",
    ]
    for plural in ("", "S")
)


RELATION: Final = "relation"
"""Key of a node's meta: the alias of an item of FROM that is the engine's own text already."""


class Unnesting(exp.Expression):
    """An item of FROM that goes over the elements of a SUPER value, or with ``pairs`` over its attributes."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "alias": True, "at": False, "pairs": False}


class Navigate(exp.Expression):
    """A step into a SUPER value: ``expressions`` are names (as string literals) and indexes."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expressions": True}


class _Tree(Redshift):
    class Parser(Redshift.Parser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            **{name: parser for name, parser in Redshift.Parser.FUNCTION_PARSERS.items() if name in _KEPT},
            "OBJECT_TRANSFORM": lambda self: self._parse_object_transform(),
        }
        BITWISE: ClassVar[dict[Any, Any]] = {**Redshift.Parser.BITWISE, TokenType.HASH: exp.BitwiseXor}

        def _parse_value(self, values: bool = True) -> exp.Tuple | None:
            # MERGE's INSERT VALUES (…) without a list of columns is no call of a function VALUES.
            if not values and self._match_text_seq("VALUES", advance=False):
                return None
            return super()._parse_value(values=values)

        def _implicit_unnests_to_explicit(self, this: Any) -> Any:
            # Only a second item of FROM can be a path into the first: without one, no copies are made to see.
            return super()._implicit_unnests_to_explicit(this) if this.args.get("joins") else this

        def _parse_interval(self, *_args: Any, **_named: Any) -> Any:
            # The parser takes what is added to an interval for a part of it.
            index = self._index
            if not self._match(TokenType.INTERVAL):
                return None
            if not self._match(TokenType.STRING):
                self._retreat(index)
                return None
            text = self._prev.text
            names: list[str] = []
            while self._curr and self._curr.text.upper() in _INTERVAL_UNITS and len(names) < 2:
                names.append(self._curr.text.lower().removesuffix("s"))
                self._advance()
                self._skip_precision()
                if not self._match_text_seq("TO"):
                    break
            units = [exp.Literal.string(name) for name in names]
            return exp.Interval(this=exp.Literal.string(text), unit=exp.Tuple(expressions=units))

        def _skip_precision(self) -> None:
            if self._match(TokenType.L_PAREN):
                while self._curr and not self._match(TokenType.R_PAREN):
                    self._advance()

        def _parse_table(self, *args: Any, **named: Any) -> Any:
            if self._match(TokenType.UNPIVOT):
                return self._parse_unnesting(pairs=True)
            if self._curr and self._curr.token_type in (TokenType.VAR, TokenType.IDENTIFIER) and self._bracket_ahead():
                return self._parse_unnesting(pairs=False)
            return super()._parse_table(*args, **named)

        def _bracket_ahead(self) -> bool:
            """Whether a dotted name is followed by an index: a path, where a table could stand."""
            at = self._index + 1
            while at + 1 < len(self._tokens) and self._tokens[at].token_type == TokenType.DOT:
                at += 2
            return bool(at < len(self._tokens) and self._tokens[at].token_type == TokenType.L_BRACKET)

        def _parse_unnesting(self, *, pairs: bool) -> Any:
            path = self._parse_column()
            self._match(TokenType.ALIAS)
            alias = self._parse_id_var(any_token=False)
            at = self._parse_id_var() if self._match_text_seq("AT") else None
            if path is None or alias is None:
                self.raise_error("Expected an alias")
            return Unnesting(this=path, alias=alias, at=at, pairs=pairs)

        def _parse_object_transform(self) -> Any:
            parts: dict[str, list[Any]] = {"keep": [], "set": []}
            subject = self._parse_column()
            for name, found in parts.items():
                if self._match_text_seq(name.upper()):
                    found.extend(self._parse_csv(self._parse_assignment))
            lists = [exp.Tuple(expressions=found) for found in parts.values()]
            return exp.Anonymous(this="object_transform", expressions=[subject, *lists])


def _tokens(sql: str) -> list[Token]:
    """The parser's tokens, with Redshift's own words where the parser has others."""
    try:
        tokens: list[Token] = _DIALECT.tokenize(sql)
    except SqlglotError:
        tokenize(sql)  # says it in Redshift's words
        raise
    small = sql.lower()
    if "::" in small or "cast" in small:
        _check_types(tokens)
    if "#" not in small and "approximate" not in small:
        return tokens
    found: list[Token] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1].text.upper() if index + 1 < len(tokens) else ""
        if token.text.upper() == "APPROXIMATE" and following in ("COUNT", "PERCENTILE_DISC"):
            continue  # an exact answer is within every bound of an approximate one
        if token.token_type == TokenType.VAR and token.text == "#":
            token = Token(TokenType.HASH, "#", token.line, token.col, token.start, token.end)  # noqa: PLW2901
        found.append(token)
    return found


def _check_types(tokens: list[Token]) -> None:
    """The parser knows other names for some types, which Redshift does not."""
    casts: list[bool] = []
    for before, token, after in zip(tokens, tokens[1:], [*tokens[2:], tokens[-1:]], strict=False):
        if token.token_type == TokenType.L_PAREN:
            casts.append(before.text.upper() in ("CAST", "TRY_CAST"))
        elif token.token_type == TokenType.R_PAREN and casts:
            casts.pop()
        of_cast = before.token_type == TokenType.ALIAS and bool(casts) and casts[-1]
        named = token.token_type not in (TokenType.IDENTIFIER, TokenType.STRING)
        if (before.token_type == TokenType.DCOLON or of_cast) and named and not is_type_word(token.text):
            if getattr(after, "token_type", None) == TokenType.DOT:
                continue  # a schema before the type's name
            raise RedshiftError(f'type "{token.text.lower()}" does not exist', "42704")


def _check_joins(joins: list[Any], tokens: list[Token]) -> None:
    """JOIN without a condition: the parser takes it for a comma."""
    written = sum(token.token_type == TokenType.JOIN for token in tokens)
    known = sum(
        bool(join.args.get("on") or join.args.get("using") or join.kind == "CROSS" or join.method == "NATURAL")
        for join in joins
    )
    if written > known:
        raise syntax_error(None)


_DIALECT: Final = _Tree()
_ENGINE: Final = DuckDB()


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
        tokens = _tokens(sql)
        trees = _DIALECT.parser().parse(tokens, sql)
        tree = trees[0] if len(trees) == 1 else None
    except SqlglotError as error:
        details = getattr(error, "errors", [])
        raise syntax_error(details[0].get("highlight") if details else None) from error
    if len(trees) > 1:
        raise syntax_error(";")
    if isinstance(tree, exp.Command) or tree is None:
        raise syntax_error(sql.split(maxsplit=1)[0])
    if isinstance(tree, exp.Delete) and not tree.this and len(tree.args.get("tables") or []) == 1:
        # DELETE t, without FROM: the parser takes t for one of several tables.
        tree.set("this", tree.args["tables"][0])
        tree.set("tables", None)
    found = Nodes(tree)
    for operation in found.of(exp.SetOperation):
        if not (isinstance(operation.this, exp.Query) and isinstance(operation.expression, exp.Query)):
            raise syntax_error(type(operation).__name__.upper())
    refuse(found)
    _check_joins(found.of(exp.Join), tokens)
    _fold(found)
    return tree


def parse_expression(sql: str) -> Any:
    """The tree of one scalar expression."""
    return parse_query(f"SELECT {sql}").expressions[0]


def render(tree: Any, *, copy: bool = True) -> str:
    """The tree as the engine's SQL; refuses what the engine cannot say, instead of leaving it out.

    Without ``copy`` the tree itself is what the writer works on, and of no use afterwards.
    """
    plain = _plain(tree)
    if plain is not None:
        return plain
    # A name or a literal is written without being touched.
    copy = copy and not isinstance(tree, exp.Column | exp.Literal | exp.Var | exp.Identifier)
    try:
        return str(_ENGINE.generate(tree, unsupported_level=ErrorLevel.RAISE, copy=copy))
    except UnsupportedError as error:
        raise NotSupportedLocallyError(
            str(error),
            "Write the query in another way.",
            "https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_synopsis.html",
        ) from error


def _plain(node: Any) -> str | None:
    """A piece of the engine's SQL, or a column, as it is written; None for all that needs the writer."""
    if node.__class__ is exp.Var:
        return str(node.this)
    if node.__class__ is not exp.Column or node.args.get("db") or node.args.get("join_mark"):
        return None
    parts = [part for key in ("table", "this") if (part := node.args.get(key)) is not None]
    if any(part.__class__ is not exp.Identifier or not part.args.get("quoted") for part in parts):
        return None
    return ".".join('"' + part.this.replace('"', '""') + '"' for part in parts)


def _fold(found: Nodes) -> None:
    """Fold identifiers to lower case, quoted ones too unless enable_case_sensitive_identifier is on."""
    quoted_keep, attributes_keep = CASE_SENSITIVE.get()
    for column in found.of(exp.Column):
        name = column.name.lower()
        if not column.table and not column.this.args.get("quoted") and name in _KEYWORD_CALLS:
            column.replace(_KEYWORD_CALLS[name]())
    for identifier in found.of(exp.Identifier):
        attribute = attributes_keep and isinstance(identifier.parent, exp.Dot | exp.Column)
        if attribute:
            identifier.meta["written"] = identifier.this
        if not (quoted_keep and identifier.args.get("quoted")):
            identifier.set("this", identifier.this.lower())
        identifier.set("quoted", True)
