"""The account's own catalog; there is no other here.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-catalogs.html
"""

from __future__ import annotations

from typing import Any, Final

from moto.core.responses import ActionResult
from moto.glue.exceptions import EntityNotFoundException
from moto.glue.responses import GlueResponse

from lakeshift.local.glue.catalog.pages import page
from lakeshift.local.glue.catalog.refused import refuse

__all__ = ["CatalogsResponses"]

_PAGE: Final = "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-catalogs.html"
_INSTEAD: Final = "Use the account's own catalog: leave CatalogId out, or give the account's id."


class CatalogsResponses(GlueResponse):
    """How the API answers for catalogs."""

    def get_catalog(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetCatalog.html."""
        self.check_catalog(self.parameters["CatalogId"])
        return ActionResult({"Catalog": self._own_catalog()})

    def get_catalogs(self) -> ActionResult:
        """https://docs.aws.amazon.com/glue/latest/webapi/API_GetCatalogs.html."""
        self.check_catalog(self.parameters.get("ParentCatalogId"))
        asked = self.parameters
        own = asked.get("IncludeRoot") or asked.get("Recursive")
        return ActionResult({"CatalogList": [self._own_catalog()] if own else []})

    def get_catalog_import_status(self) -> ActionResult:
        """Nothing was ever in an Athena catalog here; https://docs.aws.amazon.com/glue/latest/webapi/API_GetCatalogImportStatus.html."""
        return ActionResult({"ImportStatus": {"ImportCompleted": True}})

    def get_resource_policies(self) -> ActionResult:
        """Every policy there is; https://docs.aws.amazon.com/glue/latest/webapi/API_GetResourcePolicies.html."""
        members = ("PolicyInJson", "PolicyHash", "CreateTime", "UpdateTime")
        held = sorted(self.glue_backend.resource_policies.items())
        found, token = page(held, self.parameters)
        told = [{name: policy[name] for name in members} for _, policy in found]
        return ActionResult({"GetResourcePoliciesResponseList": told, "NextToken": token})

    def check_catalog(self, name: str | None) -> None:
        """EntityNotFoundException for another account's catalog, a refusal for one of another kind."""
        if name in (None, self.current_account):
            return
        if "/" in name or ":" in name:
            raise refuse(f"The catalog {name!r}", _INSTEAD, _PAGE)
        raise EntityNotFoundException(f"Catalog {name} not found.")

    def _own_catalog(self) -> dict[str, Any]:
        account = self.current_account
        return {
            "CatalogId": account,
            "Name": account,
            "ResourceArn": self.glue_backend.default_catalog_arn,
            "Parameters": {},
            "CreateDatabaseDefaultPermissions": [],
            "CreateTableDefaultPermissions": [],
        }
