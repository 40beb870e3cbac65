"""Custom classifiers, from their definition in the Glue API to functions that read a sample.

See https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from lakeshift.crawler.classify import Classifier
from lakeshift.crawler.csv_classifier import CsvOptions, read_csv
from lakeshift.crawler.grok import compile_grok, parse_custom_patterns, read_grok
from lakeshift.crawler.json_path import parse_path, read_json_path
from lakeshift.crawler.xml_rows import read_xml

__all__ = ["custom_classifiers"]

_DATATYPES: Final = (
    "bigint",
    "binary",
    "boolean",
    "date",
    "decimal",
    "double",
    "float",
    "int",
    "long",
    "short",
    "string",
    "timestamp",
)


def custom_classifiers(definitions: Sequence[Mapping[str, Any]]) -> list[Classifier]:
    """One function a classifier, in the given order; ``definitions`` as GetClassifier answers them.

    Raises ValueError for a pattern or path that cannot be used; so it checks definitions too.
    """
    return [
        make(definition[kind]) for definition in definitions for kind, make in _MAKERS.items() if kind in definition
    ]


def _csv(given: Mapping[str, Any]) -> Classifier:
    datatypes = tuple(given.get("CustomDatatypes") or ()) if given.get("CustomDatatypeConfigured") else ()
    for datatype in datatypes:
        if datatype.lower().partition("(")[0] not in _DATATYPES:
            raise ValueError(f"The custom datatype {datatype} is none of {', '.join(_DATATYPES)}.")
    delimiter, quote = given.get("Delimiter") or "", given.get("QuoteSymbol") or '"'
    for name, sign in (("Delimiter", delimiter), ("QuoteSymbol", quote)):
        if len(sign) > 1:
            raise ValueError(f"{name} must be one character, not {sign!r}.")
    if delimiter == quote:
        raise ValueError("QuoteSymbol must be another character than Delimiter.")
    options = CsvOptions(
        name=given["Name"],
        delimiter=delimiter,
        quote=quote,
        header=given.get("ContainsHeader") or "UNKNOWN",
        names=tuple(given.get("Header") or ()),
        single_column=bool(given.get("AllowSingleColumn")),
        datatypes=datatypes,
        serde=given.get("Serde") or "LazySimpleSerDe",
        trim=not given.get("DisableValueTrimming"),
    )
    return partial(read_csv, options=options)


def _grok(given: Mapping[str, Any]) -> Classifier:
    pattern = given["GrokPattern"]
    grok = compile_grok(pattern, parse_custom_patterns(given.get("CustomPatterns")))
    return partial(read_grok, name=given["Name"], classification=given["Classification"], grok=grok, pattern=pattern)


def _json(given: Mapping[str, Any]) -> Classifier:
    parse_path(given["JsonPath"])
    return partial(read_json_path, name=given["Name"], path=given["JsonPath"])


def _xml(given: Mapping[str, Any]) -> Classifier:
    tag = given.get("RowTag") or ""
    return partial(read_xml, name=given["Name"], classification=given["Classification"], row_tag=tag)


_MAKERS: Final[dict[str, Callable[[Mapping[str, Any]], Classifier]]] = {
    "CsvClassifier": _csv,
    "GrokClassifier": _grok,
    "JsonClassifier": _json,
    "XMLClassifier": _xml,
}
