"""Markets abroad: price-taking buyers and sellers with a ceiling; what they do not take is never unserved."""

from __future__ import annotations

import numpy as np

from kelisim.model.assembly import Assembly


def add(frame: Assembly) -> None:
    """Columns `markets.taken` (markets, steps), rows `markets.annual`."""
    markets = frame.case.quantities("markets")
    if markets.empty:
        return
    shape = frame.case.profiles.matrix
    ceiling = markets["ceiling"].to_numpy()[:, None] * shape(markets["profile"], "shape")
    ceiling = ceiling * frame.in_service("markets", markets)
    buys = (markets["side"] == "buys").to_numpy()
    price = markets["price"].to_numpy()[:, None] * shape(markets["price_path"], "shape")
    cost = np.where(buys[:, None], -price, price) * frame.weight[None, :]
    ids = list(markets["market"])
    coarse = frame.in_steps(markets["carrier"])
    taken = frame.build.add_columns("markets.taken", ids, frame.steps, 0.0, ceiling, cost, coarse)
    sign = np.where(buys, -1.0, 1.0)[:, None]
    frame.build.add_entries(frame.node_rows(markets["place"], markets["carrier"]), taken, sign)
    limited = markets["annual_max"].notna().to_numpy()
    if limited.any():
        most = frame.per_year(markets["annual_max"][limited])[:, None]
        rows = frame.build.add_rows(
            "markets.annual", [i for i, keep in zip(ids, limited, strict=True) if keep], 1, upper=most
        )
        frame.build.add_entries(rows, taken[limited], frame.mean_weights[None, :])
