"""Parameters of a session: their defaults, and which of them can be set to what.

https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
"""

from __future__ import annotations

from typing import Final

from lakeshift.errors import NotSupportedLocallyError

__all__ = ["PARAMETERS", "checked"]

_PAGE: Final = "https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html"
PARAMETERS: Final = {
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
_TRUE: Final = frozenset({"true", "on", "1", "t", "yes"})


def checked(name: str, value: str | None) -> str:
    """The value a known parameter gets, None for its default; refuses one that would have to change something here."""
    default = PARAMETERS[name]
    if value is None:
        return default
    if name == "search_path":
        parts = (part.strip() for part in value.split(","))
        return ", ".join('"$user"' if part.strip('"') == "$user" else part for part in parts)
    if name.startswith("enable_case_sensitive"):
        return "on" if value.lower() in _TRUE else "off"
    if name not in _INERT and value.upper() != default.upper():
        raise NotSupportedLocallyError(f"SET {name} TO {value}", f"It stays {default}.", _PAGE)
    return value
