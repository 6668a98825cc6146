"""Photos over HTTP: kept once, understood, refused only when none, shown to whom it concerns."""

import hashlib
from dataclasses import replace
from io import BytesIO
from uuid import uuid4

import pytest
from aiohttp import FormData
from PIL import Image

from gridwhistle.assembly import vault_of
from media.limits import HEIC, JPEG, decodable_types
from media.sample import jpeg
from media.watermark import watermark
from server.cases.models.case import Case
from server.clock import now
from server.errors import PhotoRefused
from server.files.commands import receive
from server.files.models import Photo
from server.texts.catalogue import text
from tests.casework import WALL, Casework, everything
from tests.domain.acts.work import done_already
from tests.domain.acts.work import send as send_report

TAKEN = {"taken_local": "2026:03:10 10:00:00", "offset": "+08:00"}


async def send(person, data, **texts):
    form = FormData()
    for name, value in texts.items():
        form.add_field(name, value)
    form.add_field("photo", data, filename="a.jpg", content_type="image/jpeg")
    return await person.call("POST", "/m/v1/photos", data=form)


async def test_a_photo_is_answered_with_what_it_says_and_the_same_bytes_are_the_same_photo(
    county, someone
):
    phone, other = await someone("resident1"), await someone("resident2")
    data = jpeg(
        320, 240, taken_local="2026:03:10 10:00:00", offset="+08:00", position=WALL, seed=1
    )
    status, first = await send(phone, data, sha256=hashlib.sha256(data).hexdigest())
    assert status == 201
    assert first["sha256"] == hashlib.sha256(data).hexdigest()
    assert (first["width"], first["height"]) == (320, 240)
    assert first["taken_at"] == "2026-03-10T02:00:00Z"
    assert abs(first["position"]["lon"] - WALL[0]) < 1e-5
    assert abs(first["position"]["lat"] - WALL[1]) < 1e-5
    assert first["position"]["datum"] == "unknown"
    assert first["flags"] == []
    assert await send(phone, data) == (200, first)
    status, theirs = await send(other, data)
    assert status == 201
    assert theirs["id"] != first["id"]


async def test_what_is_merely_broken_is_kept_and_flagged(county, someone):
    phone = await someone("resident1")
    data = jpeg(640, 480, seed=2)[:9000]
    status, kept = await send(phone, data)
    assert status == 201
    await county.deliver()
    path = f"/m/v1/photos/{kept['id']}"
    assert (await phone.call("GET", path))[0] in (200, 404)
    again = (await send(phone, data))[1]
    assert again["flags"], "the pixels were looked at and found wanting"


async def test_a_photo_of_which_no_picture_can_be_made_is_told_to_its_owner_alone(county, someone):
    phone, other = await someone("resident1"), await someone("resident2")
    _, kept = await send(phone, jpeg(640, 480, seed=2)[:300])
    await county.deliver()
    path = f"/m/v1/photos/{kept['id']}"
    for size in ("display", "thumbnail"):
        status, answer = await phone.call("GET", f"{path}?size={size}")
        assert (status, answer["code"]) == (404, "photo.damaged")
        assert kept["id"] not in answer["title"]
        status, answer = await other.call("GET", f"{path}?size={size}")
        assert (status, answer["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("named", "datum"),
    [
        ("GCJ-02", "gcj02"),
        ("gcj02", "gcj02"),
        ("WGS-84", "wgs84"),
        ("WGS84", "wgs84"),
        ("BD-09", "bd09"),
        ("CGCS2000", "cgcs2000"),
        ("TOKYO", "unknown"),
    ],
)
async def test_the_datum_that_a_photo_names_is_kept_and_answered(county, someone, named, datum):
    phone = await someone("resident1")
    with Image.open(BytesIO(jpeg(32, 24, position=WALL, seed=4))) as image:
        exif = image.getexif()
        exif.get_ifd(0x8825)[18] = named
        out = BytesIO()
        image.save(out, "JPEG", exif=exif)
    status, answer = await send(phone, out.getvalue())
    assert (status, answer["position"]["datum"]) == (201, datum)
    assert await send(phone, out.getvalue()) == (200, answer)
    assert (await Photo.get(id=answer["id"])).datum == datum


async def test_what_is_no_image_or_not_as_announced_is_refused_and_nothing_kept(county, someone):
    phone = await someone("resident1")
    before = await everything()
    for data, texts, status, code in (
        (b"", {}, 415, "photo.refused"),
        (b"GIF89a" + bytes(60), {}, 415, "photo.refused"),
        (b"%PDF-1.7\n" + bytes(60), {}, 415, "photo.refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, 415, "photo.refused"),
        (jpeg(20, 20, seed=3), {"surprise": "1"}, 400, "bad_input"),
    ):
        found = await send(phone, data, **texts)
        assert (found[0], found[1]["code"]) == (status, code), found
    limit = county.parts.settings.photo_max_bytes
    found = await send(phone, BytesIO(jpeg(20, 20, seed=3) + bytes(limit)))
    assert (found[0], found[1]["code"]) == (413, "body_too_large")
    assert await everything() == before


async def test_a_checksum_that_does_not_fit_is_refused_and_nothing_kept(county, someone):
    phone = await someone("resident1")
    before = await everything()
    status, answer = await send(phone, jpeg(20, 20, seed=4), sha256="0" * 64)
    assert (status, answer["code"]) == (400, "bad_input")
    [fault] = answer["errors"]
    assert (fault["pointer"], fault["reason"]) == ("/sha256", "mismatch")
    assert await everything() == before


async def test_copies_are_shown_without_metadata_to_those_who_work_on_the_case(
    county, someone, tmp_path
):
    work = Casework(county)
    data = jpeg(640, 480, position=WALL, taken_local="2026:03:10 10:00:00", seed=5)
    photo = await work.photo("resident1", data)
    case = await work.handling(await work.report(photos=(photo,)))
    await county.deliver()
    path = f"/m/v1/photos/{photo}"
    sizes = {}
    for who in ("resident1", "handler_D08", "township02", "acceptor1", "grid0202"):
        person = await someone(who)
        for size in ("display", "thumbnail"):
            status, copy = await person.call("GET", f"{path}?size={size}")
            if who == "grid0202" and status == 404:
                continue  # not this grid worker's grid
            assert status == 200, who
            (tmp_path / "copy.jpg").write_bytes(copy)
            with Image.open(tmp_path / "copy.jpg") as picture:
                assert not picture.getexif()
                sizes[size] = picture.size
    assert sizes["thumbnail"] < sizes["display"]
    owner = await someone("resident1")
    marked = (await owner.call("GET", f"{path}?watermark=true&no={case.no}"))[1]
    assert marked != (await owner.call("GET", path))[1]
    for who in ("resident2", "handler_D01", "township04", "admin1"):
        stranger = await someone(who)
        theirs = await stranger.call("GET", path)
        absent = await stranger.call("GET", f"/m/v1/photos/{uuid4()}")
        assert theirs == absent
        assert theirs[0] == 404
    found = await owner.call("GET", "/m/v1/photos/none")
    assert found[0] == 404


async def test_who_merely_follows_a_case_reads_the_day_on_a_photo_and_who_works_on_it_the_minute(
    county, someone
):
    """What was reported as settled shows the photo after it, which is as old as the report."""
    work = Casework(county)
    case = await Case.get(no=(await send_report(work, await done_already(work))).body["no"])
    await county.deliver()
    follower, room = await someone("resident2"), await someone("township02")
    await follower.post(f"/m/v1/reports/{case.no}/follow", expect=204)
    [after] = (await follower.get(f"/m/v1/reports/{case.no}"))["photos"]
    row = await Photo.get(id=after["id"])
    at = (row.taken_at or row.received_at).astimezone(county.basis.zone)
    path = f"/m/v1/photos/{row.id}"
    copy = (await follower.call("GET", path))[1]
    line = "time" if row.taken_at else "received"
    place = [text("watermark.place", place=case.place.text), text("watermark.no", no=case.no)]
    for reader, form, no in (
        (follower, "%Y-%m-%d", ""),
        (follower, "%Y-%m-%d", case.no),
        (room, "%Y-%m-%d %H:%M", case.no),
    ):
        marked = (await reader.call("GET", f"{path}?watermark=true&no={no}"))[1]
        said = [text(f"watermark.{line}", at=at.strftime(form)), *(place if no else [])]
        assert marked == watermark(copy, said)


@pytest.mark.parametrize(("exif", "line"), [({}, "received"), (TAKEN, "time")])
async def test_a_copy_says_when_it_was_taken_or_else_that_it_was_only_sent_then(
    county, someone, exif, line
):
    phone = await someone("resident1")
    kept = (await send(phone, jpeg(640, 480, seed=6, **exif)))[1]
    await county.deliver()
    row = await Photo.get(id=kept["id"])
    at = (row.taken_at or row.received_at).astimezone(county.basis.zone)
    path = f"/m/v1/photos/{row.id}"
    shown = (await phone.call("GET", path))[1]
    marked = (await phone.call("GET", f"{path}?watermark=true"))[1]
    assert marked == watermark(shown, [text(f"watermark.{line}", at=f"{at:%Y-%m-%d %H:%M}")])
    assert bool(row.taken_at) is bool(exif)


async def test_a_photo_that_is_not_taken_is_told_what_is_and_what_to_do(county, someone):
    phone = await someone("resident1")
    status, answer = await send(phone, b"GIF89a" + bytes(60))
    assert (status, answer["code"]) == (415, "photo.refused")
    assert ("HEIC" in answer["title"].partition("支持")[2]) is (HEIC in decodable_types())
    huge = BytesIO()
    Image.new("1", (9248, 6936)).save(huge, "PNG")
    status, answer = await send(phone, huge.getvalue())
    assert (status, answer["code"]) == (413, "photo.too_large")
    assert "9248×6936，上限" in answer["title"]
    assert "改用较小的照片尺寸" in answer["title"]


async def test_where_no_heic_is_decoded_who_has_an_iphone_is_told_what_to_set(county):
    made = vault_of(county.parts.settings, county.parts.store)
    vault = replace(made, limits=replace(made.limits, media_types=frozenset({JPEG})))
    by = await Casework(county).actor("resident1")
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
    with pytest.raises(PhotoRefused) as refused:
        await receive(heic, by=by, at=now(), vault=vault)
    assert refused.value.facts["types"] == "JPEG"
    assert "兼容性最佳" in text(f"photo.{refused.value.facts['reason']}")
