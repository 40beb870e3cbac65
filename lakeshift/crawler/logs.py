"""The built-in classifiers for logs, in AWS's order. AWS publishes their names, not their patterns.

See https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-built-in
"""

from __future__ import annotations

from typing import Final

from lakeshift.crawler.grok import compile_grok, read_grok
from lakeshift.crawler.reading import Reading
from lakeshift.crawler.sample import Sample

__all__ = ["read_log"]

_LOGS: Final = (
    ("combined_apache", "%{COMBINEDAPACHELOG}"),
    ("apache", "%{COMMONAPACHELOG}"),
    (
        "linux_kernel",
        r"%{SYSLOGTIMESTAMP:timestamp} %{SYSLOGHOST:hostname} kernel: "
        r"(?:\[ *%{NUMBER:uptime}\] )?%{GREEDYDATA:message}",
    ),
    (
        "microsoft_log",
        r"%{TIMESTAMP_ISO8601:timestamp} %{IP:serverip} %{WORD:method} %{NOTSPACE:uristem} %{NOTSPACE:uriquery} "
        r"%{NONNEGINT:port} %{NOTSPACE:username} %{IP:clientip} %{NOTSPACE:useragent} %{GREEDYDATA:rest}",
    ),
    (
        "ruby_logger",
        r"[DFEWIU], \[%{TIMESTAMP_ISO8601:timestamp}\s+#%{POSINT:pid}\]\s+%{RUBYLEVEL:loglevel}\s+-- "
        r"\s*%{DATA:progname}: %{GREEDYDATA:message}",
    ),
    (
        "squid",
        r"%{NUMBER:timestamp}\s+%{NONNEGINT:elapsed} %{IPORHOST:client} %{NOTSPACE:action}/%{NONNEGINT:status} "
        r"%{NONNEGINT:bytes} %{WORD:method} %{NOTSPACE:url} %{NOTSPACE:user} %{NOTSPACE:hierarchy} "
        r"%{NOTSPACE:contenttype}",
    ),
    (
        "redismonlog",
        r"%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{POSINT:port}\] "
        r"\"%{WORD:command}\"\s?%{GREEDYDATA:params}",
    ),
    (
        "redislog",
        r"\[?%{POSINT:pid}(?:\]|:[XCSM]) %{REDISTIME:timestamp} [.\-*#] %{GREEDYDATA:message}",
    ),
)
_OWN: Final = (
    ("RUBYLEVEL", "(?:DEBUG|FATAL|ERROR|WARN|INFO|ANY)"),
    ("REDISTIME", "%{MONTHDAY} %{MONTH}(?: %{YEAR})? %{TIME}"),
)


def read_log(sample: Sample) -> Reading | None:
    """The object as a log that a built-in classifier knows."""
    for name, pattern in _LOGS:
        found = read_grok(sample, name, name, compile_grok(f"^{pattern}", _OWN), pattern)
        if found is not None:
            return found
    return None
