"""What the county has decided about clocks and filing: settings, reduced to what cases need."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from server.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Filing policy, the clocks K1 to K9 of domain.md, section 6, and those of changing a list."""

    auto_file: bool
    screened_kinds: frozenset[str]
    certain_probability: float
    accuracy_confidence: float
    suggest_within_m: float
    grid_confirm_probability: float
    k1_work_minutes: int
    k1_urgent_minutes: int
    k2_work_minutes: int
    k2_urgent_minutes: int
    k3_work_hours: int
    k3_urgent_minutes: int
    k4_emergency_minutes: int
    k6_work_days: int
    k6_urgent_minutes: int
    k7_days: int
    k8_work_days: int
    k8_urgent_minutes: int
    overdue_again_work_days: int
    overdue_again_most: int
    k9_work_days: int
    k9_urgent_minutes: int
    return_work_hours: int
    off_list_max_days: int
    reply_work_days: int
    reply_urgent_hours: int
    object_days: int
    appeal_days: int
    max_suspend_days: int
    redo_reporter_days: int
    redo_leader_days: int
    procedure_days: Mapping[str, int]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take the policy out of the deployment's settings."""
        screened = (kind.strip() for kind in settings.screened_kinds.split(","))
        return cls(
            auto_file=settings.auto_file,
            screened_kinds=frozenset(kind for kind in screened if kind),
            certain_probability=settings.certain_probability,
            accuracy_confidence=settings.accuracy_confidence,
            suggest_within_m=settings.suggest_within_m,
            grid_confirm_probability=settings.grid_confirm_probability,
            k1_work_minutes=settings.k1_work_minutes,
            k1_urgent_minutes=settings.k1_urgent_minutes,
            k2_work_minutes=settings.k2_work_minutes,
            k2_urgent_minutes=settings.k2_urgent_minutes,
            k3_work_hours=settings.k3_work_hours,
            k3_urgent_minutes=settings.k3_urgent_minutes,
            k4_emergency_minutes=settings.k4_emergency_minutes,
            k6_work_days=settings.k6_work_days,
            k6_urgent_minutes=settings.k6_urgent_minutes,
            k7_days=settings.k7_days,
            k8_work_days=settings.k8_work_days,
            k8_urgent_minutes=settings.k8_urgent_minutes,
            overdue_again_work_days=settings.overdue_again_work_days,
            overdue_again_most=settings.overdue_again_most,
            k9_work_days=settings.k9_work_days,
            k9_urgent_minutes=settings.k9_urgent_minutes,
            return_work_hours=settings.return_work_hours,
            off_list_max_days=settings.off_list_max_days,
            reply_work_days=settings.reply_work_days,
            reply_urgent_hours=settings.reply_urgent_hours,
            object_days=settings.object_days,
            appeal_days=settings.appeal_days,
            max_suspend_days=settings.max_suspend_days,
            redo_reporter_days=settings.redo_reporter_days,
            redo_leader_days=settings.redo_leader_days,
            procedure_days={
                "opinions": settings.opinions_work_days,
                "settling": settings.settling_work_days,
                "review": settings.review_work_days,
                "approval": settings.approval_work_days,
                "approved": settings.publication_work_days,
                "registered": settings.answer_work_days,
                "answered": settings.ruling_work_days,
            },
        )
