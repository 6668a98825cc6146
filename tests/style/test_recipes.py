"""CONTRIBUTING: ten recipes, and which language is used where."""

import re

from tests.parts import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_there_are_ten_recipes_and_each_says_where_to_begin():
    recipes = re.split(r"^### ", TEXT.partition("## Ten recipes")[2], flags=re.M)[1:]
    assert len(recipes) == 10
    assert all("`" in recipe or "decision" in recipe for recipe in recipes)


def test_every_file_that_a_recipe_names_exists():
    named = set(re.findall(r"`((?:[\w.]+/)+[\w.-]*|pyproject\.toml)`", TEXT))
    assert len(named) > 30
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_languages_of_code_commits_documents_and_scripts_are_said():
    languages = TEXT.partition("## Languages")[2].partition("\n## ")[0]
    for what in ("code", "commit subjects", "documents", "shell scripts", "texts"):
        assert what in languages, what
    assert "English" in languages
    assert "Chinese" in languages


def test_the_words_that_everything_rests_on_are_explained():
    for word in ("Door", "Flow row", "Journal", "Outbox", "Basis", "Room"):
        assert f"- **{word}**" in TEXT


def test_every_room_stands_in_the_picture_of_imports():
    picture = (ROOT / "docs/rooms.svg").read_text(encoding="utf-8")
    for slice_ in ("server/cases", "server/responsibility", "geo"):
        for room in (ROOT / slice_).iterdir():
            if (room / "__init__.py").exists():
                assert f">{room.name}</text>" in picture, "run `make rooms`"
