"""Who reads what of a case: every verb, its reason, its note and its photos, for every reader."""

from server.cases.models.case import Attachment, Case, Step
from server.cases.rules.flow import Verb
from server.cases.rules.shown import Purpose
from server.clock import now
from tests.casework import Casework

#: What passes between leaders and units (domain.md, 11), and within a unit: those who report read
#: nothing of it.
INTERNAL = {Verb.INSTRUCT, Verb.REPLY, Verb.ASSIGN}
#: Whose words are meant for who reported the case.
REASONS_TO_ALL = {Verb.DECLINE}
NOTES_TO_ALL = {Verb.INQUIRE, Verb.SELF_HANDLE, Verb.PROGRESS, Verb.RESOLVE}


async def with_every_verb_and_photo(work: Casework) -> Case:
    """A case at work, whose history holds every verb once more, and a photo of each purpose."""
    case = await work.handling()
    for version, verb in enumerate(Verb, case.version + 1):
        await Step.create(
            case_id=case.id,
            version=version,
            verb=verb,
            target=case.stage,
            by_role="system",
            at=now(),
            reason=f"理由{verb}",
            note=f"附言{verb}",
        )
    for purpose in Purpose:
        photo = await work.photo("dispatcher1")
        await Attachment.create(
            case_id=case.id, photo_id=photo, purpose=purpose, step_version=case.version
        )
    return case


def read(shown: dict, before: int) -> tuple[set[str], set[str], set[str]]:
    """Verbs, and those whose reason and whose note is read, after a version."""
    rows = [row for row in shown["timeline"] if row["version"] > before]
    for row in rows:
        assert row["reason"] in ("", f"理由{row['verb']}")
        assert row["note"] in ("", f"附言{row['verb']}")
    return (
        {row["verb"] for row in rows},
        {row["verb"] for row in rows if row["reason"]},
        {row["verb"] for row in rows if row["note"]},
    )


async def test_each_reader_reads_the_acts_words_and_photos_that_are_theirs(county, someone):
    work = Casework(county)
    case = await with_every_verb_and_photo(work)
    lead, _ = await work.lead(case)
    reporter, follower = await someone("resident1"), await someone("resident2")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    everything = set(Verb)
    public = (everything - INTERNAL, REASONS_TO_ALL, NOTES_TO_ALL)
    whole, after = set(Purpose), {Purpose.AFTER}
    seen = {
        "reporter": (reporter, f"/m/v1/reports/{case.no}", public, whole),
        "follower": (follower, f"/m/v1/reports/{case.no}", public, after),
        "unit": (
            await someone(work.officer_of(lead.unit_id)),
            f"/m/v1/cases/{case.no}",
            (everything, everything, everything),
            whole,
        ),
        "office": (
            await someone("leader1"),
            f"/m/v1/cases/{case.no}",
            (everything, everything, everything),
            whole,
        ),
    }
    for who, (phone, path, words, purposes) in seen.items():
        shown = await phone.get(path)
        assert read(shown, case.version) == words, who
        assert {photo["purpose"] for photo in shown["photos"]} == purposes, who


async def test_a_photo_is_fetched_by_whoever_reads_of_it_and_nobody_else(county, someone):
    work = Casework(county)
    case = await with_every_verb_and_photo(work)
    follower, stranger = await someone("resident2"), await someone("resident3")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    for held in await Attachment.filter(case_id=case.id):
        path = f"/m/v1/photos/{held.photo_id}"
        assert (await stranger.call("GET", path))[0] == 404
        hidden = (await follower.call("GET", path))[0] == 404  # else there, or being made
        assert hidden is (held.purpose != "after")
