"""Look-ups of points, ours beside whatever else could be used, on fresh points.

    python bench/geo.py [N ...] [--plot FOLDER]        default: 1000 10000
    python bench/geo.py --candidates                   only them, by place and accuracy

Everything of one N runs in this process on the same points, in turn, five rounds, medians; points
are drawn afresh for each round. Others are measured where their package is installed (geopandas,
duckdb with duckdb_extension_spatial, h3; PostGIS at POSTGIS_URL). Answers that differ from ours
end the run. Memory is what a process of its own grows by.
"""

import argparse
import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

import numpy as np
import shapely
from _places.contenders import contenders
from _places.lattice import lattice
from _places.plot import plot
from _places.spread import table

from geo.index.places import build, load

ROUNDS = 5
N_SINGLE = 4_000
N_BATCH = 200_000
N_SERVER = 10_000  # points a batch for those that take long
N_CANDIDATES = 300
SLOW = ("PostGIS",)
FEW = ("PostGIS", "DuckDB spatial")  # a millisecond a point: fewer single ones


class Ours:
    name = "geo.index.places"

    def __init__(self, index):
        self.find, self.find_many = index.find, index.find_many


def microseconds(find, lon, lat):
    points = list(zip(lon.tolist(), lat.tolist(), strict=True))
    start = time.perf_counter()
    for x, y in points:
        find(x, y)
    return (time.perf_counter() - start) / len(points) * 1e6


def microseconds_many(find_many, lon, lat):
    start = time.perf_counter()
    found = find_many(lon, lat)
    return (time.perf_counter() - start) / len(lon) * 1e6, found


def rounds(everyone, draw):
    """Give {(kind, name): [microseconds of each round]}; all must answer as the first."""
    times = {}
    for _ in range(ROUNDS):
        lon, lat = draw(N_BATCH)
        expected = everyone[0].find_many(lon, lat)
        lon_one, lat_one = draw(N_SINGLE)
        for each in everyone:
            if each.find_many:
                n = N_SERVER if each.name in SLOW else N_BATCH
                took, found = microseconds_many(each.find_many, lon[:n], lat[:n])
                times.setdefault(("many", each.name), []).append(took)
                if (found != expected[:n]).any():
                    raise SystemExit(f"{each.name} answers differently")
            if each.find:
                n = N_SINGLE // 20 if each.name in FEW else N_SINGLE
                took = microseconds(each.find, lon_one[:n], lat_one[:n])
                times.setdefault(("one", each.name), []).append(took)
    return times


def resident_mb():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def highest_mb():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def memory(n):
    """Print what the index of n places takes, in a process of its own."""
    shapes, codes = lattice(n)
    gc.collect()
    before = resident_mb()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of making the places
    start, start_cpu = time.perf_counter(), time.process_time()
    index = build(shapes, codes)
    built, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    gc.collect()
    grown = resident_mb() - before
    peak = highest_mb() - before
    del shapes
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        index.save(path)
        size = path.stat().st_size / 1e6
        start = time.perf_counter()
        load(path).find(120.2, 30.2)
        loaded = time.perf_counter() - start
    told = {"built": built, "cpu": cpu, "mb": grown, "peak": peak, "file": size, "load": loaded}
    print(json.dumps(told))


def measure(n):
    shapes, codes = lattice(n)
    others, absent = contenders(shapes)
    index = build(shapes, codes)
    rng = np.random.default_rng()
    west, south, east, north = shapely.total_bounds(shapes)

    def draw(n_points):
        return rng.uniform(west, east, n_points), rng.uniform(south, north, n_points)

    times = rounds([Ours(index), *others], draw)
    radius = [5.0, 20.0, 50.0]
    for metres in radius:
        times["candidates", f"candidates, {metres:g} m"] = []
        for x, y in zip(*(each.tolist() for each in draw(N_CANDIDATES)), strict=True):
            start = time.perf_counter()
            index.candidates(x, y, metres)
            took = (time.perf_counter() - start) * 1e6
            times["candidates", f"candidates, {metres:g} m"].append(took)
    return len(shapes), {key: statistics.median(each) for key, each in times.items()}, absent


def show(n, times, absent):
    for kind in ("one", "many", "candidates"):
        for (which, name), took in times.items():
            if which == kind:
                ratio = took / times.get((kind, Ours.name), took)
                print(f"{n:>9,} {kind:<10} {name:<28} {took:>10.3f} us {ratio:>8.1f}x")
    for line in absent:
        print(f"{n:>9,} {line}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("n", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--plot", type=Path, help="folder for lookup-one.svg, lookup-many.svg")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--candidates", action="store_true", help="time and judge candidates")
    options = parser.parse_args()
    if options.candidates:
        table()
        return
    if options.memory:
        memory(options.n[0])
        return
    lines = {"one": {}, "many": {}}
    for wanted in options.n:
        n, times, absent = measure(wanted)
        show(n, times, absent)
        command = [sys.executable, __file__, str(wanted), "--memory"]
        told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        print(
            f"{n:>9,} built in {told['built']:.2f} s ({told['cpu']:.2f} s of processor),"
            f" {told['mb']:.0f} MB (at most"
            f" {told['peak']:.0f} while building), file {told['file']:.0f} MB,"
            f" loaded in {told['load'] * 1e3:.0f} ms",
            flush=True,
        )
        for (kind, name), took in times.items():
            if kind in lines:
                lines[kind].setdefault(name, []).append((n, took))
    if options.plot:
        for kind, title in (("one", "One point"), ("many", "Many points, time for each")):
            drawn = plot(title, "µs", lines[kind])
            (options.plot / f"lookup-{kind}.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
