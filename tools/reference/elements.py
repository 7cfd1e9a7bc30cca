"""What the join's identifiers became in the case: one element may be several, one per carrier or product."""

from __future__ import annotations

from dataclasses import dataclass

from tools.reference.facts import Facts


@dataclass(frozen=True)
class Elements:
    """Elements of the case by the identifier they have in the join.

    links     link of the join -> links of the case, one per carrier
    assets    asset of the join -> assets of the case, one per product for supplies of products
    carriers  element of the case -> its carrier, of links
    """

    links: dict[str, list[str]]
    assets: dict[str, list[str]]
    carriers: dict[str, str]

    @classmethod
    def of(cls, facts: Facts, tables: dict[str, list[dict[str, str]]]) -> Elements:
        """Reads the built tables back against the join."""
        case_links = {row["link"]: row for row in tables["links"]}
        links: dict[str, list[str]] = {}
        for row in tables["links"]:
            links.setdefault(row.get("shared_with") or row["link"], []).append(row["link"])
        made = [row["asset"] for row in tables["assets"]]
        assets = {}
        for row in facts.records("join/asset_crosswalk"):
            own = [asset for asset in made if asset == row["asset"]]
            several = [asset for asset in made if asset.startswith(f"{row['asset']}_")]
            assets[row["asset"]] = own or (several if row["kind"] == "product_supply" else [])
        return cls(links, assets, {link: row["carrier"] for link, row in case_links.items()})

    def table_of(self, element: str) -> str:
        """ "links" or "assets" if the join has the element there, else nothing."""
        return "links" if self.links.get(element) else "assets" if self.assets.get(element) else ""

    def spread(self, element: str) -> list[str]:
        """Elements of the case that an element of the join became."""
        return self.links.get(element) or self.assets.get(element) or []
