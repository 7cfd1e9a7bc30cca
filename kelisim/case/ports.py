"""What plants take and give, in one unit."""

from __future__ import annotations

import pandas as pd

from kelisim.case.case import Case


def port_ratios(case: Case, assets: pd.DataFrame) -> pd.DataFrame:
    """Ports with ratios in MWh per MWh of the reference port, and the asset's place."""
    ports = case.ports.merge(assets[["asset", "place"]], on="asset", how="inner")
    reference = case.reference_carriers
    ratio = case.units.ratio
    factors = [
        ratio(unit, carrier, reference.get(asset, carrier))
        for unit, carrier, asset in zip(ports["unit"], ports["carrier"], ports["asset"], strict=True)
    ]
    return ports.assign(ratio=ports["ratio"] * factors)
