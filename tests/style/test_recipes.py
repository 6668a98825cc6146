"""CONTRIBUTING: its recipes, and which language is used where."""

import re

import pytest

from tests.parts import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


RECIPES = {
    recipe.partition("\n")[0]: recipe
    for recipe in re.split(r"^### ", TEXT.partition("## Recipes")[2], flags=re.M)[1:]
}
#: One is a refusal: it names the decision that somebody would have to take back.
REFUSED = "A level of places"
FOLLOWED = sorted(RECIPES.keys() - {REFUSED})
FILE = re.compile(r"`((?:[\w.]+/)+[\w.*-]*|pyproject\.toml)`")


def steps(recipe: str) -> list[str]:
    """The numbered steps of a recipe, a continued one in one piece."""
    return re.findall(r"^\d+\. (?:.|\n(?!\d+\. |\n))+", RECIPES[recipe], re.M)


def test_there_are_twelve_recipes_and_one_is_a_decision():
    assert len(RECIPES) == 12
    assert "docs/decisions/" in RECIPES[REFUSED]


@pytest.mark.parametrize("recipe", FOLLOWED)
def test_the_steps_of_a_recipe_are_counted_and_each_names_a_file(recipe):
    assert [int(step.partition(".")[0]) for step in steps(recipe)] == list(
        range(1, len(steps(recipe)) + 1)
    )
    assert steps(recipe)
    needs_none = re.compile(r"^\d+\. A permission in|^\d+\. One module below")
    assert [s for s in steps(recipe) if not FILE.search(s) and not needs_none.match(s)] == []


@pytest.mark.parametrize("recipe", FOLLOWED)
def test_a_recipe_ends_with_the_tests_that_tell_what_was_forgotten(recipe):
    forgotten = RECIPES[recipe].partition("*Forgotten:*")[2]
    assert any(name.startswith("tests/") for name in FILE.findall(forgotten))


@pytest.mark.parametrize("recipe", FOLLOWED)
def test_what_a_step_names_stands_in_a_file_of_that_step(recipe):
    """A table or a class in a step, `FLOW` or `Verb`, is found where the step sends somebody."""
    for step in steps(recipe):
        files = [ROOT / name for name in FILE.findall(step) if (ROOT / name).is_file()]
        read = "\n".join(file.read_text(encoding="utf-8") for file in files)
        named = re.findall(r"`(_?[A-Z][A-Za-z_]+|[a-z]+(?:_[a-z]+)*)`", step)
        assert [name for name in named if files and not re.search(rf"\b{name}\b", read)] == []


def test_every_file_that_a_recipe_names_exists():
    named = set(FILE.findall(TEXT))
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


def test_every_folder_of_the_house_is_named_where_it_says_where_things_are():
    told = (ROOT / "docs/house.md").read_text(encoding="utf-8")
    places = told.partition("## Where things are")[2].partition("\n## ")[0]
    packages = [
        init.parent
        for package in ("server", "geo", "media")
        for init in (ROOT / package).glob("*/**/__init__.py")
    ]
    pages = [each for web in (ROOT / "web").glob("*/src") for each in web.rglob("*")]
    names = {each.name for each in [*packages, *pages] if each.is_dir()}
    assert len(names) > 50
    named = set(re.findall(r"`(?:[\w/]+/)?(\w+)/?`", places))
    assert sorted(names - named) == []


def test_every_room_stands_in_the_picture_of_imports():
    picture = (ROOT / "docs/rooms.svg").read_text(encoding="utf-8")
    for slice_ in ("server/cases", "server/responsibility", "geo"):
        for room in (ROOT / slice_).iterdir():
            if (room / "__init__.py").exists():
                assert f">{room.name}</text>" in picture, "run `make rooms`"
