#!/bin/sh
# pyogrio 0.13.0 (GDAL): a shapefile's .prj that is not ESRI's WKT counts as none, without a word.
#
# Software writes `EPSG:4610`, or WKT of 2019 (`GEOGCRS[…]`), into the .prj. Read back, such a
# shapefile has no coordinate system at all, and no warning says that one was there; the same
# system in ESRI's WKT is understood. Whoever takes a file without one for WGS-84 then takes
# places in Xian 1980, tens of metres off, for right: read the .prj by oneself.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    pyogrio==0.13.0 pyproj==3.7.2 shapely==2.2.0 numpy==2.4.6
"$folder/env/bin/python" - "$folder" <<'PY'
import sys
import warnings
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import shapely

folder = Path(sys.argv[1])
xian = pyproj.CRS.from_epsg(4610)
squares = np.array([shapely.to_wkb(shapely.box(117.5, 34.7, 117.51, 34.71))], object)
names = [np.array(["Xu"], object)]
beside = {
    "ESRI's WKT": xian.to_wkt("WKT1_ESRI"),
    "code": "EPSG:4610",
    "WKT of 2019": xian.to_wkt("WKT2_2019"),
}
found, said = {}, {}
for name, text in beside.items():
    file = folder / f"{len(found)}.shp"
    pyogrio.raw.write(file, squares, names, ["name"], geometry_type="Polygon", crs="EPSG:4326")
    file.with_suffix(".prj").write_text(text)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found[name] = pyogrio.read_info(file)["crs"]
    said[name] = [str(each.message) for each in told]
print("pyogrio", pyogrio.__version__, "GDAL", pyogrio.__gdal_version_string__, found, said)
assert found["ESRI's WKT"] is not None
assert found["code"] is None and found["WKT of 2019"] is None
assert not any(said.values())
PY
