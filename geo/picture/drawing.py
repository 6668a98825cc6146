"""A coverage and everything found wrong in it, drawn as one page that needs nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.files.features import Feature
from geo.ground.datum import Box
from geo.ground.faults import Fault
from geo.picture.canvas import View, around, view_of

SUFFIXES = (".html", ".htm")  # of what `page` gives
_WIDTH, _HIGHEST = 1100.0, 760.0
_THUMB_WIDTH, _THUMB_HEIGHT = 330.0, 230.0
_PART = 0.35  # of a boundary, about the point where it is wrong
_MOST_LABELS = 6
_MOST_SHOWN = 60  # of faults, and of warnings, with a picture of their own
_TINTS = ("#e8efe9", "#f2ede2", "#e6ecf4", "#f1e9ef", "#eef0e0", "#e4f0f1")
_TWO = ("#9fc5f0", "#cdb4e8")  # the places that a finding is about
_WORLD: Box = (-180.0, -90.0, 180.0, 90.0)

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:24px auto;max-width:1150px;color:#1d2327;
background:#fff;padding:0 16px}h1{font-size:22px;margin:0 0 4px}
h2{font-size:17px;margin:28px 0 8px}
.verdict{font-weight:600}.bad{color:#b3001b}.good{color:#0b6e4f}svg{border:1px solid #c9ced3;
max-width:100%;height:auto;background:#fbfbf9}.cards{display:grid;gap:14px;
grid-template-columns:repeat(auto-fill,minmax(332px,1fr))}.card{border-left:5px solid #999;
padding:6px 10px;background:#fafafa}.card:target{outline:3px solid #1c7ed6}.fault{border-color:
#d7001f}.warning{border-color:#f08c00}.card p{margin:4px 0}.small{color:#5c656d;font-size:13px}
.no{display:inline-block;min-width:1.5em;padding:0 .3em;border-radius:1em;text-align:center;
color:#fff;font-weight:700}.fault .no,.key.fault .no{background:#d7001f}.warning .no{background:
#f08c00}text{font:12px system-ui,sans-serif}.bar{font-size:11px}.mark{font-weight:700;fill:#fff;
text-anchor:middle}.label{text-anchor:middle;fill:#222;paint-order:stroke;stroke:#fff;
stroke-width:3px}a{color:inherit}.key{margin-right:22px}
"""


@dataclass(frozen=True, slots=True)
class Words:
    """What the page itself says; `sentence` says what a finding is."""

    sentence: Callable[[Fault], str]
    places: str = "places"
    fault: str = "fault: must be put right"
    warning: str = "warning: to be looked at"
    refused: str = "Cannot be used as it is: {n_faults} faults, {n_warnings} warnings"
    accepted: str = "Can be used: no faults, {n_warnings} warnings"
    unplaced: str = "Not on the map"
    unseen: str = "{n} more are not drawn"
    feature: str = "feature {number}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn: the places, what was found, and how many were found in all."""

    title: str
    places: Sequence[Feature]
    faults: Sequence[Fault]
    warnings: Sequence[Fault]
    n_faults: int
    n_warnings: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """A finding: its number, where it is, whether that is an area, and of what it is part."""

    number: int
    kind: str
    fault: Fault
    shape: BaseGeometry
    area: bool
    outline: BaseGeometry | None = None


def page(what: Drawn, words: Words) -> str:
    """Give an HTML page: the map with every finding marked, and a close-up of each."""
    by_index = {each.index: each.geometry for each in what.places}
    shown: list[_Shown] = []
    unplaced: list[tuple[str, Fault]] = []
    for kind, findings in (("fault", what.faults), ("warning", what.warnings)):
        for fault in findings[:_MOST_SHOWN]:
            shape = _where(fault, by_index)
            if shape is None:
                unplaced.append((kind, fault))
            else:
                shown.append(_Shown(len(shown) + 1, kind, fault, *shape, _outline(fault, *shape)))
    verdict = (words.refused if what.n_faults else words.accepted).format(
        n_faults=what.n_faults, n_warnings=what.n_warnings
    )
    body = [
        f"<h1>{escape(what.title)}</h1>",
        f'<p class="verdict {"bad" if what.n_faults else "good"}">{escape(verdict)}</p>',
        f'<p class="small">{len(what.places)} {escape(words.places)}</p>',
        *_map(what.places, shown, words),
        *_cards(what.places, shown, words),
        *_unplaced(unplaced, words),
    ]
    if hidden := what.n_faults + what.n_warnings - len(shown) - len(unplaced):
        body.append(f"<p>{escape(words.unseen.format(n=hidden))}</p>")
    head = f'<meta charset="utf-8"><title>{escape(what.title)}</title><style>{_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(body)}</body></html>\n"


def _where(fault: Fault, by_index: dict[int, BaseGeometry]) -> tuple[BaseGeometry, bool] | None:
    """Give where a finding is: its own area, else the point it names, else its place."""
    lon, lat = fault.facts.get("lon"), fault.facts.get("lat")
    if isinstance(lon, float) and isinstance(lat, float):
        return (Point(lon, lat), False) if _fits(Point(lon, lat)) else None
    if fault.geometry is not None and not fault.geometry.is_empty:
        return (fault.geometry, True) if _fits(fault.geometry) else None
    shape = by_index.get(fault.feature) if fault.feature is not None else None
    return None if shape is None else (shape, False)


def _outline(fault: Fault, shape: BaseGeometry, area: bool) -> BaseGeometry | None:
    """Give the boundary on which a finding is only a point."""
    known = fault.geometry is not None and not area and _fits(fault.geometry)
    return fault.geometry if known and shape.geom_type == "Point" else None


def _fits(shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    return bool(
        _WORLD[0] <= west <= east <= _WORLD[2] and _WORLD[1] <= south <= north <= _WORLD[3]
    )


def _extent(places: Sequence[Feature], shown: Sequence[_Shown]) -> Box | None:
    shapes = [each.geometry for each in places] + [each.shape for each in shown]
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


def _map(places: Sequence[Feature], shown: Sequence[_Shown], words: Words) -> list[str]:
    extent = _extent(places, shown)
    if extent is None:
        return []
    view = view_of(extent, _WIDTH, _HIGHEST)
    out = [_open(view)]
    for number, each in enumerate(places):
        named = escape(" ".join(filter(None, (each.code, each.name))))
        out.append(
            f'<path d="{view.path(each.geometry)}" fill="{_tint(number, each)}" stroke="#7d868d"'
            f' stroke-width="{_stroke(each)}" fill-rule="evenodd"><title>{named}</title></path>'
        )
    back_to_front = shown[::-1]  # faults over warnings, the worst of all on top
    out += [_drawn(view, each, 1.6) for each in back_to_front]
    out += [_marker(view, each) for each in back_to_front]
    legend = "".join(
        f'<span class="key {kind}"><span class="no">1</span> {escape(text)}</span>'
        for kind, text in (("fault", words.fault), ("warning", words.warning))
    )
    return [*out, view.scale_bar(), "</svg>", f"<p>{legend}</p>"]


def _open(view: View) -> str:
    return (
        f'<svg viewBox="0 0 {view.width:g} {view.height:g}" width="{view.width:g}"'
        f' height="{view.height:g}" role="img">'
    )


def _tint(number: int, place: Feature) -> str:
    return "none" if place.level in ("county", "township", "village") else _TINTS[number % 6]


def _stroke(place: Feature) -> float:
    return {"county": 2.4, "township": 1.8, "village": 1.2}.get(place.level or "", 0.7)


def _colours(kind: str) -> tuple[str, str]:
    return ("#e3001f", "#7a0010") if kind == "fault" else ("#ffa500", "#8a4b00")


def _drawn(view: View, each: _Shown, width: float) -> str:
    """Draw the finding itself; its outline has a least width, so that a sliver is seen."""
    fill, edge = _colours(each.kind)
    if each.shape.geom_type == "Point":
        x, y = view.pixels(shapely.get_coordinates(each.shape))[0].tolist()
        whole = "" if each.outline is None else view.path(each.outline)
        return (
            f'<path d="{whole}" fill="{fill}" fill-opacity="0.12" stroke="{fill}"'
            f' stroke-width="{width}" stroke-dasharray="6 4" fill-rule="evenodd"/>'
            f'<path d="M{x - 7:g} {y - 7:g}l14 14m-14 0l14 -14" stroke="{fill}" stroke-width="3"/>'
        )
    fill, dash = (fill, "") if each.area else ("none", ' stroke-dasharray="6 4"')
    edge = edge if each.area else _colours(each.kind)[0]
    return (
        f'<path d="{view.path(each.shape)}" fill="{fill}" fill-opacity="0.8" stroke="{edge}"'
        f' stroke-width="{width}"{dash} stroke-linejoin="round" fill-rule="evenodd"/>'
    )


def _marker(view: View, each: _Shown) -> str:
    """Draw a numbered pin, so that no finding is too small to be seen; it leads to the card."""
    x, y = view.middle(each.shape)
    up = 24 if y > 40 else -24
    fill, edge = _colours(each.kind)
    return (
        f'<a href="#f{each.number}">'
        f'<path d="M{x:g} {y:g}v{-up}" stroke="{edge}" stroke-width="2"/>'
        f'<circle cx="{x:g}" cy="{y:g}" r="3" fill="{edge}"/>'
        f'<circle cx="{x:g}" cy="{y - up:g}" r="11" fill="{fill}" stroke="#fff"/>'
        f'<text class="mark" x="{x:g}" y="{y - up + 4:g}">{each.number}</text></a>'
    )


def _cards(places: Sequence[Feature], shown: Sequence[_Shown], words: Words) -> list[str]:
    if not shown:
        return []
    shapes = np.empty(len(places), dtype=object)
    shapes[:] = [each.geometry for each in places]
    tree = shapely.STRtree(shapes)
    out = ['<div class="cards">']
    for each in shown:
        view = view_of(_close_up(each), _THUMB_WIDTH, _THUMB_HEIGHT)
        near = np.sort(tree.query(shapely.box(*view.box))).tolist()
        surroundings, labels = _surroundings(view, [places[i] for i in near], each.fault)
        west, south, east, north = view.box
        where = f"{(south + north) / 2:.6f}, {(west + east) / 2:.6f}"
        out += [
            f'<div class="card {each.kind}" id="f{each.number}">',
            _open(view),
            *surroundings,
            _drawn(view, each, 2.2),
            *labels,
            view.scale_bar(),
            f'</svg><p><span class="no">{each.number}</span> ',
            escape(words.sentence(each.fault)),
            f'</p><p class="small">{escape(_named(each.fault, words))} &middot; {where}</p></div>',
        ]
    return [*out, "</div>"]


def _close_up(each: _Shown) -> Box:
    if each.outline is not None:
        west, south, east, north = each.outline.bounds
        (x, y) = shapely.get_coordinates(each.shape)[0].tolist()
        across, up = (east - west) * _PART, (north - south) * _PART
        return around((x - across, y - up, x + across, y + up), 1.0, 30.0)
    if each.shape.geom_type == "Point":
        return around(each.shape.bounds, 1.0, 120.0)
    return around(each.shape.bounds, 2.2 if each.area else 1.2, 12.0)


def _surroundings(
    view: View, near: Sequence[Feature], fault: Fault
) -> tuple[list[str], list[str]]:
    """Draw what lies about a finding, the places it is about in colour; and their names."""
    about = [fault.feature, fault.facts.get("other_feature")]
    drawn: list[str] = []
    labels: list[tuple[bool, str, tuple[float, float]]] = []
    for each in near:
        try:
            part = shapely.clip_by_rect(each.geometry, *around(view.box, 1.1, 1.0))
        except shapely.errors.GEOSException:  # an invalid shape; drawn whole, it is cut off too
            part = each.geometry
        if part.is_empty:
            continue
        fill = _TWO[about.index(each.index)] if each.index in about else "#eceeee"
        fill = "none" if each.level != near[-1].level and each.index not in about else fill
        drawn.append(
            f'<path d="{view.path(part)}" fill="{fill}" fill-opacity="0.6" stroke="#59636b"'
            f' stroke-width="{_stroke(each) + 0.3:g}" fill-rule="evenodd"/>'
        )
        if fill != "none":
            labels.append(
                (each.index not in about, each.name or each.code or "", view.middle(part))
            )
    return drawn, _labels(view, sorted(labels))


def _labels(view: View, labels: Sequence[tuple[bool, str, tuple[float, float]]]) -> list[str]:
    """Write names where there is room, those that the finding is about first."""
    taken: list[tuple[float, float]] = []
    out = []
    for _, named, (x, y) in labels:
        reach = 3.7 * len(named[:24])
        free = all(abs(x - a) > 2 * reach or abs(y - b) > 15 for a, b in taken)
        fits = reach < x < view.width - reach and 14 < y < view.height - 22
        if free and fits and len(taken) < _MOST_LABELS:
            taken.append((x, y))
            out.append(f'<text class="label" x="{x:g}" y="{y:g}">{escape(named[:24])}</text>')
    return out


def _named(fault: Fault, words: Words) -> str:
    if fault.feature is None:
        return fault.code
    return f"{fault.code}, {words.feature.format(number=fault.feature + 1)}"


def _unplaced(findings: Sequence[tuple[str, Fault]], words: Words) -> list[str]:
    if not findings:
        return []
    rows = [
        f'<div class="card {kind}"><p><span class="no">!</span> {escape(words.sentence(fault))}'
        f'</p><p class="small">{escape(_named(fault, words))}</p></div>'
        for kind, fault in findings
    ]
    return [f'<h2>{escape(words.unplaced)}</h2><div class="cards">', *rows, "</div>"]
