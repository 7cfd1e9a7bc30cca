"""A case that is hard to carry: A --gas--> B with a drawn route, words in three scripts, awkward numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelisim.case.case import Case
from kelisim.io import csv_folder

FILES = {
    "case.toml": """
name = "carried"
title = "A – B: «Кейс», = 1"
description = "first line\\nsecond line\\n"
licence = "no"
[horizon]
start = "2024-01-01"
end = "2024-12-31"
blocks = { night = 8, day = 10, evening = 6 }
stages = [2024, 2030]
day_starts = 6
[money]
currency = "USD"
price_year = 2024
[defaults]
level_price = 300.0
shortfall_price = 0.1
[display]
units = { natural_gas = "bcm" }
credits = ["one, two", "true", "2024"]
[rules]
place = "none"
tranches = 7
tranche_span = 0.15000000000000002
""",
    "places.csv": """place,name,name_ru,name_kk,country,lat,lon,source,note
a,Field,Поле,Өріс,RU,52.123456789012345,60.000000000000007,s,"one, ""two"" three"
b,Town,Город,,KZ,50,62,,"line
break"
c,Nowhere,,,KZ,,,,=1+1
""",
    "links.csv": """\
link,carrier,kind,from_place,to_place,capacity,unit,loss,profile,route,in_service_from,status,note
pipe,natural_gas,pipeline,a,b,0.30000000000000004,bcm/year,0.01,week,"{""type"":""LineString"",""coordinates"":[[60,52],[61,51.5],[62,50]]}",1870-05-01,base,000123
spare,natural_gas,pipeline,a,b,0,MW,,,named_route,2024-07-01T06:00:00,candidate,TRUE
""",
    "assets.csv": """asset,name,kind,place,capacity,unit
well,Well,field,a,1.2,bcm/year
""",
    "asset_ports.csv": """asset,carrier,ratio
well,natural_gas,1
""",
    "customer_classes.csv": """customer_class,carrier,order,voll,protected
clinic,natural_gas,1,9000,yes
""",
    "demand.csv": """place,carrier,customer_class,amount,unit,profile
b,natural_gas,clinic,1e-3,bcm,
b,natural_gas,industry,0.2,bcm,hours
""",
    "observations.csv": """observation,element,period,value,unit
o1,pipe,2024,0.1,bcm
o2,pipe,2024-01,-1.5e-7,bcm
""",
    "profiles.csv": "profile,weekday,hour,step,value,meaning\n"
    + "".join(
        f"week,{day},,,{value},availability\n" for day, value in enumerate((1, 1, 1, 1, 0.5, 0.1, 0), 1)
    )
    + "hours,,,2024-01-01T00:00:00,0.3333333333333333,\nhours,,,2024-01-01T06:30:00,0.6666666666666666,\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The case as a folder."""
    home = tmp_path / "given"
    home.mkdir()
    for name, text in FILES.items():
        (home / name).write_text(text.lstrip("\n"), encoding="utf-8")
    return home


@pytest.fixture
def case(folder: Path) -> Case:
    """The case as read."""
    return csv_folder.read(folder)
