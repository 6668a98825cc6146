"""The sentences of messages."""

import re
import tomllib
from importlib import resources

from server.push.wording import FACTS, sentence


def test_a_missing_fact_leaves_its_clause_out_and_brackets_of_a_title_stay():
    full = sentence("dispatch", "follower", {"no": "A", "title": "[x]", "lead": "Works."})
    bare = sentence("dispatch", "follower", {"no": "A", "title": "[x]", "lead": None})
    assert "Works" in full
    assert "x" in bare
    assert len(bare) < len(full)
    assert not set("[]{}\x00") & set(full + bare)


def test_every_sentence_reads_without_its_optional_facts_and_ends_as_a_sentence():
    for key in _keys():
        verb, _, wording = key.rpartition(".")
        bare = sentence(verb, wording, {"no": "A", "title": "T"})
        full = sentence(verb, wording, dict.fromkeys(FACTS, "x"))
        for written in (bare, full):
            assert written[-1] in "\u3002\uff01\uff1f", key
            assert not re.search(r"[\[\]{}\x00]", written), key
            assert "T" in bare, key


def _keys() -> list[str]:
    source = resources.files("server.texts").joinpath("zh_CN.toml")
    return list(tomllib.loads(source.read_text(encoding="utf-8"))["message"])
