"""Check, search and time a boundary file of one's own.

python -m geo check FILE [--draw OUT.html] [--json OUT.json] [--bounds W S E N] [--outline FILE]
python -m geo find FILE LON LAT [LON LAT ...] [--datum gcj02] [--accuracy METRES]
python -m geo bench FILE
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import shapely

from geo.files.coverage import Limits, Survey, check, read, survey
from geo.files.features import LEVELS, Feature
from geo.files.neighbours import Report
from geo.files.recognise import another_datum
from geo.ground.datum import to_wgs84
from geo.ground.errors import CoverageError, GeoError
from geo.ground.faults import Fault
from geo.index.places import PlaceIndex, build
from geo.picture.drawing import SUFFIXES, Drawn, Words, page
from geo.picture.sentences import english
from geo.timing import side_by_side

# One's own file, on one's own machine: large ones are welcome.
_LIMITS = Limits(
    max_bytes=2_000_000_000, max_features=2_000_000, max_values=60_000_000, min_area_m2=0.0
)


def main() -> int:
    """Run one of the commands; 0 for a file that can be used, 1 for one that cannot."""
    options = _parser().parse_args()
    if options.command == "check" and options.draw and options.draw.suffix not in SUFFIXES:
        sys.stderr.write(f"{options.draw}: what is drawn is a page, call it .html\n")
        return 2
    try:
        found = survey(options.file.read_bytes(), bounds=options.bounds, limits=_LIMITS)
        if options.command == "check" and options.outline:
            found = _told_apart(found, options.outline)
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 2
    except CoverageError as error:
        sys.stderr.write(f"{options.outline}: {error}\n")
        return 2
    if options.command == "check":
        return _check(found, options)
    if found.n_faults:
        _list(found.faults, "fault")
        return 1
    try:
        return _find(found, options) if options.command == "find" else _bench(found)
    except GeoError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m geo", description="Boundaries in a GeoJSON file."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in (
        ("check", "say what is wrong in the file, and draw it"),
        ("find", "say in which places points lie"),
        ("bench", "time look-ups in it beside shapely"),
    ):
        command = commands.add_parser(name, help=does)
        command.add_argument("file", type=Path)
        command.add_argument("--bounds", type=float, nargs=4, metavar=("W", "S", "E", "N"))
        if name == "check":
            command.add_argument("--draw", type=Path, metavar="OUT.html")
            command.add_argument("--json", type=Path, metavar="OUT.json")
            command.add_argument(
                "--outline",
                type=Path,
                metavar="FILE",
                help="the district, in WGS-84: tells GCJ-02",
            )
        if name == "find":
            command.add_argument("lonlat", type=float, nargs="+")
            command.add_argument("--datum", default="wgs84")
            command.add_argument("--accuracy", type=float, metavar="METRES")
    return parser


def _check(found: Survey, options: argparse.Namespace) -> int:
    coded = any(each.code for each in found.features)
    report = check(found.features, codes_required=coded)
    told = {(each.code, each.feature) for each in found.faults}
    fresh = [each for each in report.faults if (each.code, each.feature) not in told]
    faults, warnings = (*found.faults, *fresh), (*found.warnings, *report.warnings)
    n_again = len(report.faults) - len(fresh)
    n_faults = found.n_faults + report.counts["faults"] - n_again
    n_warnings = found.n_warnings + report.counts["warnings"]
    _summary(found, report, n_faults, n_warnings)
    _list(faults, "fault")
    _list(warnings, "warning")
    if options.draw:
        drawn = Drawn(options.file.name, found.features, faults, warnings, n_faults, n_warnings)
        options.draw.write_text(page(drawn, Words(english())), encoding="utf-8")
        sys.stdout.write(f"drawn: {options.draw}\n")
    if options.json:
        both = Report(faults, warnings, report.counts, report.children, report.parents)
        options.json.write_text(json.dumps(both.to_json(), ensure_ascii=False), encoding="utf-8")
    return 1 if n_faults else 0


def _told_apart(found: Survey, outline: Path) -> Survey:
    """Add a warning where the places fit the outline of the district in another datum."""
    known = read(outline.read_bytes(), limits=_LIMITS).features
    whole = shapely.union_all([each.geometry for each in known])
    doubt = another_datum([each.geometry for each in found.features], whole, "wgs84")
    if doubt is None:
        return found
    return replace(found, warnings=(doubt, *found.warnings), n_warnings=found.n_warnings + 1)


def _summary(found: Survey, report: Report, n_faults: int, n_warnings: int) -> None:
    levels = [f"{report.counts[each]} {each}s" for each in LEVELS if each in report.counts]
    held = f" ({', '.join(levels)})" if levels else ""
    sys.stdout.write(
        f"{len(found.features)} sound places{held}, {n_faults} faults, {n_warnings} warnings\n"
    )


def _list(findings: tuple[Fault, ...], kind: str) -> None:
    say = english()
    for each in findings:
        where = "" if each.feature is None else f" [feature {each.feature}]"
        sys.stdout.write(f"{kind}: {say(each)}{where}\n")


def _indices(features: tuple[Feature, ...]) -> dict[str, PlaceIndex]:
    """One index for each level; a place without a code is called by its number in the file."""
    found: dict[str, PlaceIndex] = {}
    for level in (*LEVELS, None):
        group = [each for each in features if each.level == level]
        if group:
            codes = [each.code or f"#{each.index}" for each in group]
            found[level or "place"] = build([each.geometry for each in group], codes)
    return found


def _find(found: Survey, options: argparse.Namespace) -> int:
    if len(options.lonlat) % 2:
        sys.stderr.write("a longitude without a latitude\n")
        return 2
    names = {each.code: each.name for each in found.features if each.code}
    indices = _indices(found.features)
    for lon, lat in zip(options.lonlat[::2], options.lonlat[1::2], strict=True):
        x, y = to_wgs84(lon, lat, options.datum)
        answer: dict[str, object] = {"lon": x, "lat": y}
        for level, index in indices.items():
            at = index.find(x, y)
            code = None if at is None else index.codes[at]
            answer[level] = code and {"code": code, "name": names.get(code)}
            if options.accuracy is not None:
                answer[f"{level}_candidates"] = [
                    {"code": each.code, "p": each.probability, "metres": round(each.distance_m, 2)}
                    for each in index.candidates(x, y, options.accuracy)
                ]
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


def _bench(found: Survey) -> int:
    for level in (*LEVELS, None):
        group = [each for each in found.features if each.level == level]
        if group:
            codes = [each.code or f"#{each.index}" for each in group]
            lines = side_by_side([each.geometry for each in group], codes)
            sys.stdout.write(f"{level or 'place'}: {len(group)} places\n{lines}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
