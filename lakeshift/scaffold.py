"""A new job's files from templates/job: names checked, places filled in; pure."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlglot.dialects.redshift import Redshift

from lakeshift.errors import LakeshiftError

__all__ = ["FILES", "BadNameError", "JobNames", "checked", "rendered"]

# Templates and what they become.
FILES: Final[Mapping[str, str]] = {
    "job.py": "jobs/__NAME__.py",
    "job.yaml": "jobs/__NAME__.yaml",
    "test.py": "tests/spark/jobs/test___NAME__.py",
    "table.sql": "sql/redshift/tables/__TARGET__.sql",
    "copy.sql": "sql/redshift/copy/__NAME__.sql",
}
# A job is a Python module, a state of a machine, a part of its role's name (64 characters with the lake's) and of keys.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{2,39}")
_IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


class BadNameError(LakeshiftError):
    """A name that cannot be a job's, a table's or a column's."""


@dataclass(frozen=True, slots=True)
class JobNames:
    """What the templates are filled with; ``source`` and ``target`` are ``database.table`` and ``schema.table``."""

    name: str
    source: str
    target: str
    key: str

    def places(self) -> dict[str, str]:
        """Each place of the templates and its text."""
        database, _, table = self.source.partition(".")
        return {
            "__NAME__": self.name,
            "__CLASS__": "".join(word.capitalize() for word in self.name.split("_")),
            "__DATABASE__": database,
            "__TABLE__": table,
            "__PLACE__": f"{database.rpartition('_')[2]}/{table}/",
            "__TARGET__": self.target,
            "__KEY__": self.key,
        }


def checked(names: JobNames, databases: Iterable[str], schemas: Iterable[str]) -> JobNames:
    """``names``, which may be used. Raises BadNameError that says what is allowed."""
    if not _NAME.fullmatch(names.name) or names.name.endswith("_") or "__" in names.name:
        raise BadNameError(
            f"{names.name!r} cannot be a job's name: 3 to 40 of a-z, 0-9 and single _, a letter first. "
            "As in: make new-job NAME=carrier_counts"
        )
    if keyword.iskeyword(names.name) or keyword.issoftkeyword(names.name):
        raise BadNameError(f"{names.name!r} is a word of Python, and a job is a module. Say more: {names.name}_counts.")
    _check_table("FROM", names.source, "database", databases, "infra/catalog.yaml")
    _check_table("TO", names.target, "schema", schemas, "sql/redshift/schemas/")
    for what, word in (("KEY", names.key), ("TO's table", names.target.partition(".")[2])):
        if not _IDENTIFIER.fullmatch(word) or word in Redshift.Generator.RESERVED_KEYWORDS:
            raise BadNameError(f"{what} {word!r} cannot be a name in SQL: a-z, 0-9 and _, and no reserved word.")
    return names


def _check_table(what: str, table: str, first: str, known: Iterable[str], place: str) -> None:
    holder, dot, rest = table.partition(".")
    known = sorted(known)
    if not dot or not _IDENTIFIER.fullmatch(rest):
        raise BadNameError(f"{what}={table} has to be {first}.table, both of a-z, 0-9 and _.")
    if holder not in known:
        raise BadNameError(f"{what}={table}: there is no {first} {holder}; {place} has {', '.join(known)}.")


def rendered(templates: Mapping[str, str], names: JobNames) -> dict[str, str]:
    """Path in the repository and text of each file. Raises KeyError for a template that is missing."""
    places = names.places()

    def filled(text: str) -> str:
        return re.sub(r"__[A-Z]+__", lambda match: places[match[0]], text)

    return {filled(path): filled(templates[template]) for template, path in FILES.items()}
