"""Sign-ins of the demo's people for whoever plays over HTTP: everybody has one password."""

import json
from pathlib import Path

from gridwhistle.demo.people import accounts

PASSWORD = "three pomegranates"


def write_sign_ins(path: Path, password: str) -> None:
    fields = ("username", "role", "name", "unit")
    rows = [{each: getattr(one, each) for each in fields} for one in accounts()]
    more = {"password": password, "shown": False}
    path.write_text(json.dumps([row | more for row in rows]), encoding="utf-8")
