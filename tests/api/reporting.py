"""Reports as phones send them."""

from uuid import uuid4

from server.clock import now
from tests.casework import STREET_LAMP, WALL


def report(**changes):
    """A body that is in order, or one with changes; `...` leaves a field out."""
    given = {
        "key": str(uuid4()),
        "kind": "livelihood",
        "text": "路灯不亮",
        "matter": STREET_LAMP,
        "photos": [],
        "position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "accuracy": 8.0},
        "captured_at": now().isoformat(),
        "anonymous": False,
        "channel": "wechat",
    } | changes
    return {name: value for name, value in given.items() if value is not ...}


def spot(**changes):
    return report()["position"] | changes
