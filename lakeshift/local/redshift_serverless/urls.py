"""Where the service answers, as moto asks for it."""

from __future__ import annotations

from lakeshift.local.redshift_serverless.responses import RedshiftServerlessResponse

__all__ = ["url_bases", "url_paths"]

url_bases = [r"https?://redshift-serverless\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": RedshiftServerlessResponse.dispatch}
