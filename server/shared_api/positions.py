"""A position as clients send it and as they get it."""

from typing import Final, Literal

from pydantic import Field

from server.cases.door.placing import Position
from server.http.forms import Form

#: To so many decimals everybody may know where something is: some 100 metres.
DECIMALS: Final = 3

Datum = Literal["wgs84", "gcj02", "bd09", "cgcs2000", "unknown"]
Source = Literal["device", "map", "exif", "address"]


class PositionForm(Form):
    """Longitude and latitude as given, never rounded, with their datum; accuracy in metres.

    Range and axes are judged against the county, not here, so that the refusal can say which.
    """

    lon: float
    lat: float
    datum: Datum
    accuracy: float | None = Field(default=None, ge=0, le=1_000_000)
    source: Source = "device"

    def position(self) -> Position:
        """Return it as the domain takes it."""
        return Position(
            lon=self.lon,
            lat=self.lat,
            datum=self.datum,
            accuracy=self.accuracy,
            source=self.source,
        )
