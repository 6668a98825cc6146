"""Standard texts: who keeps them, who reads them, for which matter they are."""

import pytest

TEXTS = "/s/v1/standard-texts"
LAMP = "CJ-012"


async def kept(person, text="请补充门牌号", kind="inquire", **more):
    return await person.post(TEXTS, {"kind": kind, "text": text} | more, expect=201)


async def words(person, asked="") -> list[str]:
    return [each["text"] for each in (await person.get(TEXTS + asked))["items"]]


@pytest.fixture
async def acceptor(someone):
    return await someone("acceptor1", face="console")


async def test_a_text_is_kept_read_by_all_staff_changed_and_let_go(someone, acceptor):
    made = await kept(acceptor)
    handler = await someone("handler_D08", "console")
    assert await words(handler) == ["请补充门牌号"]
    changed = {"kind": "inquire", "text": "请补充楼号和门牌号"}
    form = changed | {"mark": made["mark"]}
    answer = await acceptor.post(f"{TEXTS}/{made['id']}/change", form)
    assert answer == made | changed | {"mark": answer["mark"]}
    assert answer["mark"] != made["mark"]
    for _ in range(2):  # a second tap is answered as the first
        await acceptor.post(f"{TEXTS}/{made['id']}/remove", expect=204)
    assert await words(acceptor) == []
    form["text"] = "请补充楼号"
    status, answer = await acceptor.call("POST", f"{TEXTS}/{made['id']}/change", json=form)
    assert (status, answer["code"]) == (404, "not_found")


async def test_a_matter_has_its_own_texts_before_those_of_every_matter(acceptor):
    await kept(acceptor, "请补充地点")
    lamp = await kept(acceptor, "请补充灯杆编号", matter=LAMP)
    await kept(acceptor, "请补充照片", matter="CJ-010")
    await kept(acceptor, "不属于受理范围", kind="decline")
    assert lamp["matter_name"]
    assert await words(acceptor, f"?kind=inquire&matter={LAMP}") == [
        "请补充灯杆编号",
        "请补充地点",
    ]
    assert len(await words(acceptor, "?kind=inquire")) == 3
    assert len(await words(acceptor)) == 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "praise", "text": "好"}, "/kind"),
        ({"kind": "close", "text": "  "}, "/text"),
        ({"kind": "close", "text": "字" * 501}, "/text"),
        ({"kind": "close", "text": "好", "matter": "ZZ-999"}, "/matter"),
    ],
)
async def test_what_is_no_text_is_refused_by_its_field(acceptor, body, pointer):
    status, answer = await acceptor.call("POST", TEXTS, json=body)
    assert (status, answer["code"]) == (400, "bad_input")
    assert [each["pointer"] for each in answer["errors"]] == [pointer]


async def test_a_text_is_kept_once_and_who_comes_second_reads_who_was_faster(acceptor, someone):
    made = await kept(acceptor)
    assert await kept(acceptor, " 请补充门牌号 ") == made  # a second tap
    other = await someone("acceptor2", face="console")
    form = {"kind": "inquire", "text": "请补充门牌号"}
    status, answer = await other.call("POST", TEXTS, json=form)
    assert (status, answer["code"]) == (409, "duplicate")
    assert "受理员" in answer["facts"]["happened"]
    assert answer["title"].startswith(answer["facts"]["happened"])


@pytest.mark.parametrize(
    ("username", "may"), [("keeper1", 201), ("dispatcher1", 201), ("handler_D08", 403)]
)
async def test_who_keeps_the_list_or_files_for_the_county_keeps_texts(someone, username, may):
    person = await someone(username, "console")
    status, _ = await person.call("POST", TEXTS, json={"kind": "reply", "text": "已办理"})
    assert status == may


async def test_residents_read_no_texts(someone):
    resident = await someone("resident1")
    status, answer = await resident.call("GET", TEXTS)
    assert (status, answer["code"]) == (403, "not_permitted")


async def test_who_changes_a_text_as_it_was_overwrites_nobodys_words(acceptor, someone):
    made, other = await kept(acceptor), await someone("acceptor2", face="console")
    path, seen = f"{TEXTS}/{made['id']}/change", {"kind": "inquire", "mark": made["mark"]}
    await other.post(path, seen | {"text": "请补充楼号"})
    status, answer = await acceptor.call("POST", path, json=seen | {"text": "请补充单元"})
    assert (status, answer["code"]) == (409, "changed_meanwhile")
    assert "已于 " in answer["facts"]["happened"]
    assert answer["title"].startswith(answer["facts"]["happened"])
    assert await words(acceptor) == ["请补充楼号"]
    [now] = (await acceptor.get(TEXTS))["items"]
    await acceptor.post(path, seen | {"text": "请补充单元", "mark": now["mark"]})
    assert await words(acceptor) == ["请补充单元"]
