"""A session's parameters: what SET may say, and what SHOW answers.

https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.errors import NotSupportedLocallyError
from lakeshift.redshift.errors import RedshiftError

__all__ = ["Parameters", "parts_of"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html"
_PARAMETERS: Final = {
    "search_path": "$user, public",
    "datestyle": "ISO, MDY",
    "timezone": "UTC",
    "query_group": "unset",
    "statement_timeout": "0",
    "enable_result_cache_for_session": "on",
    "client_encoding": "UTF8",
    "extra_float_digits": "0",
    "application_name": "",
    "standard_conforming_strings": "on",
    "autocommit": "on",
    "wlm_query_slot_count": "1",
    "analyze_threshold_percent": "10",
    "max_cursor_result_set_size": "default",
    "transaction_isolation": "Serializable",
    "enable_case_sensitive_identifier": "off",
    "enable_case_sensitive_super_attribute": "off",
}
_SHOWN: Final = ("datestyle", "extra_float_digits", "query_group", "search_path", "statement_timeout")
CASES: Final = ("enable_case_sensitive_identifier", "enable_case_sensitive_super_attribute")
_TRUE: Final = frozenset({"true", "on", "1", "t", "yes"})
# Of no consequence here; another one can only be set to what it is.
_INERT: Final = frozenset(
    {
        "client_encoding",
        "max_cursor_result_set_size",
        "wlm_query_slot_count",
        "enable_result_cache_for_session",
        "standard_conforming_strings",
        "extra_float_digits",
        "statement_timeout",
        "application_name",
        "query_group",
        "analyze_threshold_percent",
    }
)


class Parameters:
    """The values of one session."""

    def __init__(self) -> None:
        self._values = dict(_PARAMETERS)

    def get(self, name: str) -> str:
        """The value; raises 42704 for an unknown parameter."""
        if name not in self._values:
            raise RedshiftError(f'unrecognized configuration parameter "{name}"', "42704")
        return self._values[name]

    def shown(self) -> list[tuple[str, str]]:
        """What SHOW ALL prints: https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW.html."""
        return [(name, self._values[name].replace(", ", ",") if name == "search_path" else self._values[name])
                for name in _SHOWN]  # fmt: skip

    @property
    def all(self) -> dict[str, str]:
        """Every parameter's value."""
        return dict(self._values)

    @property
    def case_sensitive(self) -> tuple[bool, bool]:
        """Whether quoted identifiers, and attributes of SUPER, keep their case."""
        return self._values[CASES[0]] == "on", self._values[CASES[1]] == "on"

    def set(self, name: str, value: str | None) -> str:
        """Set it, None to its default; the new value. Raises 42704, and ours where it cannot be another."""
        self.get(name)
        new = _PARAMETERS[name] if value is None else value
        if name in CASES:
            new = "on" if new.lower() in _TRUE else "off"
        elif name == "search_path" and value is not None:
            parts = (part.strip() for part in new.split(","))
            new = ", ".join('"$user"' if part.strip('"') == "$user" else part for part in parts)
        elif name != "search_path" and name not in _INERT and new.upper() != _PARAMETERS[name].upper():
            raise NotSupportedLocallyError(f"SET {name} TO {new}", f"It stays {_PARAMETERS[name]}.", _PAGE)
        self._values[name] = new
        return new


def parts_of(path: str, user: str) -> tuple[str, ...]:
    """The schemas of a search path."""
    parts = (part.strip().strip('"').lower() for part in path.split(","))
    return tuple(user if part == "$user" else part for part in parts if part)
