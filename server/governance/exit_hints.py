"""Which matters a township might give back (退出): few cases, little will, too much skill needed.

A hint decides nothing. It gives the figures by which somebody may ask for an adjustment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from server.cases.figures import township_figures
from server.cases.figures.township_figures import Figures
from server.cases.rules.basis import Basis
from server.responsibility.list import queries as lists
from server.settings import Settings
from server.texts.catalogue import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From when on figures say something: days looked back, days on the list, cases, shares.

    Fewer cases than `few` are a reason themselves, and too few for any share of them to count.
    """

    days: int
    min_age_days: int
    few: int
    share: float
    help_share: float

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the county has set."""
        return cls(
            days=settings.exit_days,
            min_age_days=settings.exit_min_age_days,
            few=settings.exit_few_cases,
            share=settings.exit_share,
            help_share=settings.exit_help_share,
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: few, returned, redone, overdue or helped, and the sentence with its figures."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitHint:
    """A matter to be considered for giving back: by all townships (code None), or by one."""

    matter_code: str
    matter_name: str
    township_code: str | None
    figures: Figures
    reasons: tuple[Reason, ...]
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """Where it stands in the order of hints."""
        return self.matter_code, self.township_code or ""


async def hints(
    thresholds: Thresholds,
    *,
    at: datetime,
    basis: Basis,
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> list[ExitHint]:
    """Return the hints of an instant in the order of matters and townships, those after a key."""
    since = at - timedelta(days=thresholds.days)
    figures = await township_figures.figures(since, at)
    led_since = await lists.led_by_townships(at=at)
    ripe = at - timedelta(days=thresholds.min_age_days)
    found = list[ExitHint]()
    for entry in basis.lists.at(at).entries():
        begun = led_since.get(entry.matter_code)
        if entry.lead_id is not None or begun is None or begun > ripe:
            continue
        of_matter = figures.get(entry.matter_code, {})
        for hint in _of_matter(entry.matter_code, entry.name, of_matter, thresholds, basis):
            if hint.key > after:
                found.append(hint)
        if len(found) >= limit:
            break
    return found[:limit]


def _of_matter(
    code: str,
    name: str,
    figures: Mapping[str | None, Figures],
    thresholds: Thresholds,
    basis: Basis,
) -> Iterator[ExitHint]:
    """Yield the one hint for all townships, or else those for single ones, in order."""
    whole = figures.get(None, Figures())
    judged: dict[str | None, tuple[Reason, ...]] = {None: reasons(whole, thresholds)}
    if not judged[None]:
        judged = {
            township: reasons(each, thresholds)
            for township, each in sorted((k, v) for k, v in figures.items() if k is not None)
            if each.n_cases >= thresholds.few
        }
    for township, why in judged.items():
        if not why:
            continue
        unit = basis.units.township_unit(township) if township else None
        yield ExitHint(
            matter_code=code,
            matter_name=name,
            township_code=township,
            figures=figures.get(township, whole),
            reasons=why,
            text=text(
                "exit.hint",
                matter=name,
                township=unit.name if unit else "",
                days=thresholds.days,
                reasons=text("format.clause").join(each.text for each in why),
            ),
        )


def reasons(figures: Figures, thresholds: Thresholds) -> tuple[Reason, ...]:
    """Return what speaks for giving a matter back with these figures; nothing for most."""
    n = figures.n_cases
    if n < thresholds.few:
        return (Reason("few", text("exit.few", n=n, few=thresholds.few)),)
    counted = (
        ("returned", figures.n_returned, thresholds.share),
        ("redone", figures.n_redone, thresholds.share),
        ("overdue", figures.n_overdue, thresholds.share),
        ("helped", figures.n_helped, thresholds.help_share),
    )
    return tuple(
        Reason(code, text(f"exit.{code}", n=some, of=n, percent=round(100 * some / n)))
        for code, some, most in counted
        if some and some >= most * n
    )
