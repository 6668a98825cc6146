"""What people would use instead of our index of places, each in its fastest form that is right.

Every contender has a `name`; `find` and `find_many` are None where it has no such form, and
`made` gives None where its package is not here. All answer with the position of the lowest code,
-1 or None for none; places come in the order of their codes, so that is the lowest position.
"""

import asyncio
import importlib
import os
from pathlib import Path

import numpy as np
import shapely


def module(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def lowest(point, place, n_points, n_places):
    found = np.full(n_points, n_places)
    np.minimum.at(found, point, place)
    return np.where(found == n_places, -1, found)


class Tree:
    """shapely's STRtree; prepared polygons, boxes first for a single point."""

    name = "shapely STRtree"
    most = 10**7

    def __init__(self, shapes):
        self.shapes = shapes.copy()
        shapely.prepare(self.shapes)
        self.tree = shapely.STRtree(self.shapes)

    def find(self, lon, lat):
        hits = self.tree.query(shapely.Point(lon, lat))
        inside = [i for i in hits.tolist() if shapely.intersects_xy(self.shapes[i], lon, lat)]
        return min(inside, default=None)

    def find_many(self, lon, lat):
        point, place = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        return lowest(point, place, len(lon), len(self.shapes))


class TreePredicate(Tree):
    """The other single form: the tree tests the predicate itself."""

    name = "shapely STRtree, predicate"
    find_many = None

    def find(self, lon, lat):
        hits = self.tree.query(shapely.Point(lon, lat), predicate="intersects")
        return int(hits.min()) if len(hits) else None


class Geopandas:
    name = "geopandas sjoin"
    most = 10**7
    find = None

    def __init__(self, shapes):
        self.geopandas = module("geopandas")
        self.places = self.geopandas.GeoDataFrame(geometry=shapes)
        _ = self.places.sindex

    def find_many(self, lon, lat):
        points = self.geopandas.GeoDataFrame(geometry=self.geopandas.points_from_xy(lon, lat))
        joined = self.geopandas.sjoin(points, self.places, predicate="intersects")
        place = joined["index_right"].to_numpy()
        return lowest(joined.index.to_numpy(), place, len(lon), len(self.places))


class Duckdb:
    name = "DuckDB spatial"
    most = 10**7

    def __init__(self, shapes):
        self.db = module("duckdb").connect()
        self.db.execute("set threads to 1")
        packaged = module("duckdb_extension_spatial")
        found = sorted(Path(packaged.__path__[0]).rglob("spatial.duckdb_extension"))
        self.db.execute(f"load '{found[-1]}'")
        pandas = module("pandas")
        rows = pandas.DataFrame({"id": np.arange(len(shapes)), "wkb": shapely.to_wkb(shapes)})
        self.db.register("rows", rows)
        self.db.execute("create table places as select id, ST_GeomFromWKB(wkb) as g from rows")
        self.db.execute("create index by_place on places using rtree (g)")
        self.pandas, self.n = pandas, len(shapes)

    def find(self, lon, lat):
        where = f"ST_Intersects(g, ST_Point({lon!r}, {lat!r}))"
        return self.db.execute(f"select min(id) from places where {where}").fetchone()[0]

    def find_many(self, lon, lat):
        points = self.pandas.DataFrame({"no": np.arange(len(lon)), "x": lon, "y": lat})
        self.db.register("points", points)
        found = self.db.execute(
            "select p.no, min(g.id) as id from (select no, ST_Point(x, y) as xy from points) p"
            " join places g on ST_Intersects(g.g, p.xy) group by p.no"
        ).fetchnumpy()
        return lowest(found["no"], found["id"], len(lon), self.n)


class H3:
    """Cells of H3 in a dictionary: of one place, or of several to be tested by shapely."""

    name = "H3 dict + shapely"
    most = 10_000
    find_many = None

    def __init__(self, shapes):
        self.h3 = module("h3")
        west, south, east, north = shapely.total_bounds(shapes)
        km2 = (east - west) * (north - south) * 9_600 / len(shapes)
        areas = [self.h3.average_hexagon_area(i, "km^2") for i in range(16)]
        self.resolution = next(i for i, area in enumerate(areas) if area < km2 / 20)
        shapely.prepare(shapes)
        self.shapes, self.cells = shapes, {}
        for place, shape in enumerate(shapes):
            poly = self.h3.geo_to_h3shape(shape.__geo_interface__)
            whole = set(self._cells(poly, "full"))
            for cell in self._cells(poly, "overlap"):
                self.cells.setdefault(cell, []).append((place, cell in whole))

    def _cells(self, poly, contain):
        return self.h3.h3shape_to_cells_experimental(poly, self.resolution, contain=contain)

    def find(self, lon, lat):
        for place, whole in self.cells.get(self.h3.latlng_to_cell(lat, lon, self.resolution), ()):
            if whole or shapely.intersects_xy(self.shapes[place], lon, lat):
                return place
        return None


class Postgis:
    """PostGIS by asyncpg at POSTGIS_URL, in a table of its own."""

    name = "PostGIS"
    most = 10**7

    def __init__(self, shapes):
        self.loop = asyncio.new_event_loop()
        self.n = len(shapes)
        self.loop.run_until_complete(self._fill(shapes))

    async def _fill(self, shapes):
        self.db = await module("asyncpg").connect(os.environ["POSTGIS_URL"])
        await self.db.execute("create extension if not exists postgis")
        await self.db.execute("create temp table places (id int, wkb bytea, g geometry)")
        rows = list(zip(range(len(shapes)), shapely.to_wkb(shapes), strict=True))
        await self.db.copy_records_to_table("places", records=rows, columns=["id", "wkb"])
        await self.db.execute("update places set g = ST_GeomFromWKB(wkb), wkb = null")
        await self.db.execute("create index on places using gist (g)")
        await self.db.execute("analyze places")
        self.one = await self.db.prepare(
            "select min(id) from places where ST_Covers(g, ST_MakePoint($1, $2))"
        )
        self.many = await self.db.prepare(
            "select p.no, min(g.id) from unnest($1::float8[], $2::float8[])"
            " with ordinality as p(x, y, no)"
            " join places g on ST_Covers(g.g, ST_MakePoint(p.x, p.y)) group by p.no"
        )

    def find(self, lon, lat):
        return self.loop.run_until_complete(self.one.fetchval(lon, lat))

    def find_many(self, lon, lat):
        rows = self.loop.run_until_complete(self.many.fetch(lon.tolist(), lat.tolist()))
        at, place = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2).T
        return lowest(at - 1, place, len(lon), self.n)


NEEDS = {
    Tree: (),
    TreePredicate: (),
    Geopandas: ("geopandas",),
    Duckdb: ("duckdb", "duckdb_extension_spatial", "pandas"),
    H3: ("h3",),
    Postgis: ("asyncpg",),
}


def contenders(shapes):
    """Give those that can be had here and are fit for so many places, and why others are not."""
    here, absent = [], []
    for kind, needs in NEEDS.items():
        missing = [name for name in needs if module(name) is None]
        if kind is Postgis and "POSTGIS_URL" not in os.environ:
            missing.append("POSTGIS_URL")
        if missing:
            absent.append(f"{kind.name}: not installed ({', '.join(missing)})")
        elif len(shapes) > kind.most:
            absent.append(f"{kind.name}: not run above {kind.most} places")
        else:
            here.append(kind(shapes))
    return here, absent
