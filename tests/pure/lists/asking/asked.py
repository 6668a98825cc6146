"""What people say of matters, and which one they mean."""

import csv
from pathlib import Path

#: Sets of sentences with the least share right first, and within three. `sentences_last` was
#: written before any result was seen and never looked at while the method was made;
#: `sentences_unseen`, one of each matter, from the matters' names alone, before its weights.
SETS = {
    "sentences": (0.92, 0.97),
    "sentences_fresh": (0.92, 0.97),
    "sentences_typos": (0.9, 0.93),
    "sentences_hard": (0.78, 0.95),
    "sentences_last": (0.85, 0.95),
    "sentences_unseen": (0.93, 0.98),
}


def sentences(name: str) -> list[dict[str, str]]:
    text = Path(__file__).with_name(f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
