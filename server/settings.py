"""Everything a deployment may vary; the only reader of the environment."""

from datetime import time
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Policy(BaseModel):
    """What the county has decided about cases: filing, clocks, how long a list's change takes.

    The part of the settings that decisions rest on; each limit is declared here and only here.
    """

    model_config = ConfigDict(frozen=True)

    # Filing policy: when a report is filed and dispatched by itself.
    auto_file: bool = True
    certain_probability: float = Field(default=0.9, gt=0.5, le=1)
    accuracy_confidence: float = Field(default=0.68, gt=0, lt=1)
    suggest_within_m: float = Field(default=200, ge=0, le=5000)
    grid_confirm_probability: float = Field(default=0.8, gt=0.5, le=1)
    screened_kinds: str = "enforcement"
    # Clocks of the case's life; minutes, hours and days as named there.
    k1_work_minutes: int = Field(default=30, ge=1)
    k1_urgent_minutes: int = Field(default=15, ge=1)
    k2_work_minutes: int = Field(default=30, ge=1)
    k2_urgent_minutes: int = Field(default=15, ge=1)
    k3_work_hours: int = Field(default=2, ge=1)
    k3_urgent_minutes: int = Field(default=30, ge=1)
    k4_emergency_minutes: int = Field(default=30, ge=1)
    k6_work_days: int = Field(default=1, ge=1)
    k6_urgent_minutes: int = Field(default=720, ge=1)
    k7_days: int = Field(default=7, ge=1)
    k8_work_days: int = Field(default=1, ge=1)
    k8_urgent_minutes: int = Field(default=30, ge=1)
    overdue_again_work_days: int = Field(default=1, ge=1)
    overdue_again_most: int = Field(default=20, ge=0)
    k9_work_days: int = Field(default=3, ge=1)
    k9_urgent_minutes: int = Field(default=120, ge=1)
    return_work_hours: int = Field(default=4, ge=1)
    off_list_max_days: int = Field(default=15, ge=1)
    reply_work_days: int = Field(default=1, ge=1)
    reply_urgent_hours: int = Field(default=2, ge=1)
    object_days: int = Field(default=5, ge=1)
    appeal_days: int = Field(default=10, ge=1)
    max_suspend_days: int = Field(default=365, ge=1)
    redo_reporter_days: int = Field(default=7, ge=1)
    redo_leader_days: int = Field(default=30, ge=1)
    # How a list is changed, and a burden objected to: work days until which it is whose turn.
    opinions_work_days: int = Field(default=10, ge=1)
    settling_work_days: int = Field(default=10, ge=1)
    review_work_days: int = Field(default=5, ge=1)
    approval_work_days: int = Field(default=5, ge=1)
    publication_work_days: int = Field(default=20, ge=1)
    answer_work_days: int = Field(default=5, ge=1)
    ruling_work_days: int = Field(default=5, ge=1)

    @property
    def screened(self) -> frozenset[str]:
        """The kinds of matter of which a person looks at every report first."""
        kinds = (kind.strip() for kind in self.screened_kinds.split(","))
        return frozenset(kind for kind in kinds if kind)


class Settings(Policy, BaseSettings):
    """Deployment settings, read once at start and handed to whoever needs them.

    Read from environment variables of the same names in capitals; those that other programs
    know too (`DATABASE_URL`, `REDIS_URL`, `PORT`, `HOST`) have no prefix, the rest have
    `GRIDWHISTLE_`.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_prefix="GRIDWHISTLE_")

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    host: str = Field(default="127.0.0.1", validation_alias="HOST")
    port: int = Field(default=8080, ge=0, le=65535, validation_alias="PORT")
    data_folder: Path = Path("var")
    # Where people reach this installation; printed into the QR codes of grid signs.
    public_url: str = Field(default="", pattern=r"^(https?://[^\s?#\"'<>]{1,200})?$")
    store_url: str = ""
    # The base map's file, and the number under which a map of it may be shown in public.
    basemap: str = ""
    map_approval: str = Field(default="", max_length=40)
    n_connections: int = Field(default=10, ge=2, le=200)
    log_format: str = Field(default="text", pattern="^(text|json)$")
    demo: bool = False
    demo_key: str = Field(default="", repr=False)
    trust_forwarded_from: str = ""
    time_zone: str = "Asia/Shanghai"
    # So many days ahead the calendar must reach; an operator is warned before it ends.
    calendar_days_ahead: int = Field(default=60, ge=1, le=400)
    work_hours: str = Field(
        default="08:30-12:00,13:30-18:00",
        pattern=r"^\d\d:\d\d-\d\d:\d\d(,\d\d:\d\d-\d\d:\d\d)*$",
    )
    # Who sits in a township's command room when: three shifts that together are a day.
    shifts: str = Field(
        default="morning 06:00-14:00, afternoon 14:00-22:00, night 22:00-06:00",
        pattern=r"^(morning|afternoon|night) \d\d:\d\d-\d\d:\d\d"
        r"(, (morning|afternoon|night) \d\d:\d\d-\d\d:\d\d){2}$",
    )
    # When followers are not woken for what is not urgent; their inbox has it at once.
    quiet_hours: str = Field(
        default="",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
    )
    list_order: str = (
        "main_and_cooperating,cooperating,basic,taken_back,enforcement_township,"
        "enforcement_delegated,enforcement_call,empowerment,public_service"
    )
    # Exit hints: what speaks for giving a matter back (server/governance/exit_hints.py).
    exit_days: int = Field(default=365, ge=30, le=3650)
    exit_min_age_days: int = Field(default=180, ge=0)
    exit_few_cases: int = Field(default=5, ge=0)
    exit_share: float = Field(default=0.3, gt=0, le=1)
    exit_help_share: float = Field(default=0.5, gt=0, le=1)
    # Photos.
    photo_max_bytes: int = Field(default=20 * 2**20, ge=2**16)
    disk_min_free_percent: int = Field(default=5, ge=0, le=50)
    photo_max_pixels: int = Field(default=55_000_000, ge=2**16)
    photo_max_jpeg_pixels: int = Field(default=80_000_000, ge=2**16)
    n_photo_workers: int = Field(default=1, ge=1, le=16)
    # Sign-in.
    console_idle_minutes: int = Field(default=30, ge=1)
    console_hours: int = Field(default=12, ge=1)
    display_days: int = Field(default=30, ge=1, le=366)
    phone_token_hours: int = Field(default=2, ge=1)
    phone_refresh_days: int = Field(default=30, ge=1)
    staff_refresh_days: int = Field(default=7, ge=1)
    sign_in_failures: int = Field(default=10, ge=3)
    # Tracks of patrols are erased after so many days.
    track_days: int = Field(default=30, ge=1)
    poll_seconds: float = Field(default=3, gt=0)

    @classmethod
    def read(cls) -> Self:
        """Build the settings from this process's environment."""
        return cls()

    @property
    def zone(self) -> ZoneInfo:
        """The county's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def address(self) -> str:
        """Where people reach this installation, without a slash at its end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def work_spans(self) -> tuple[tuple[time, time], ...]:
        """The working hours of a working day, as (from, to) in local time."""
        spans = (span.split("-") for span in self.work_hours.split(","))
        return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)

    @property
    def shift_hours(self) -> tuple[tuple[str, time, time], ...]:
        """The day's shifts as (name, from, to) in local time, the earliest first."""
        shifts = (each.replace("-", " ").split() for each in self.shifts.split(", "))
        return tuple((n, time.fromisoformat(a), time.fromisoformat(b)) for n, a, b in shifts)

    @property
    def quiet_span(self) -> tuple[time, time] | None:
        """The quiet hours as (from, to) in local time; None without any."""
        begin, _, end = self.quiet_hours.partition("-")
        return (time.fromisoformat(begin), time.fromisoformat(end)) if begin != end else None

    @property
    def basemap_file(self) -> Path:
        """Where the base map lies: as set, else in the data folder."""
        return Path(self.basemap) if self.basemap else self.data_folder / "basemap.pmtiles"

    @property
    def photo_store_url(self) -> str:
        """Where photos are kept: as set, else a folder below the data folder."""
        return self.store_url or (self.data_folder / "photos").resolve().as_uri()
