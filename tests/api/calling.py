"""A call as it is sent."""

from datetime import timedelta

from server.clock import now
from tests.casework import WALL


def call(**changes):
    return {
        "reason": "joint_enforcement",
        "place": "荣华里3号楼",
        "asked_at": (now() + timedelta(hours=2)).isoformat(),
        "matter": "CJ-002",
        "position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "accuracy": 8.0},
    } | changes
