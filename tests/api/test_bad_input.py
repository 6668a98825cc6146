"""What is not in order is refused with its own code and what would be possible; nothing moves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from server.cases.dispatch.dispatching import Choice, dispatch
from server.cases.disputes.returns import Ruling, rule
from server.cases.models.task import Check
from server.clock import now
from server.files.models import Photo
from tests.casework import Casework, everything, position
from tests.domain.acts.disputes import give_back
from tests.domain.acts.work import SMALL_ADS, settle

WORKS, POWER = "区住房和城乡建设局", "区供电公司"
CLAIM = {"ground": "not_on_list", "reason": "是供电设施", "proper_unit": POWER}


@dataclass(frozen=True)
class Try:
    """Who sends what where."""

    who: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)


async def illegal_verb(work):
    case = await work.report()
    return Try("acceptor1", f"/s/v1/cases/{case.no}/close")


async def illegal_verb_of_a_task(work):
    task, _ = await work.lead(await work.report())
    return Try("handler_D08", f"/s/v1/tasks/{task.id}/progress", {"note": "在办"})


async def no_reason(work):
    case = await work.checking()
    return Try("acceptor1", f"/s/v1/cases/{case.no}/rework", {"reason": " "})


async def second_return(work):
    case = await work.disputed()
    ruling = Ruling(upheld=False, reason="属于住建")
    by = await work.actor("dispatcher1")
    await rule(case.no, ruling, by=by, at=now(), basis=work.basis)
    task, _ = await work.lead(case)
    return Try("handler_D08", f"/m/v1/tasks/{task.id}/return", CLAIM)


async def foreign_case(work):
    case = await work.handling()
    return Try("head_D01", f"/s/v1/cases/{case.no}/resume")


async def foreign_task(work):
    task, _ = await work.lead(await work.report())
    return Try("handler_D01", f"/m/v1/tasks/{task.id}/accept")


async def check_by_the_handler(work):
    case = await settle(work, await work.report(matter=SMALL_ADS))
    check = await Check.get(case_id=case.id)
    await Check.filter(id=check.id).update(assignee_id=case.handled_by_id)
    return Try("grid0202", f"/m/v1/checks/{check.id}", {"passed": True, "note": "好了"})


async def date_in_the_past(work):
    case = await work.handling()
    yesterday = (now() - timedelta(days=1)).date().isoformat()
    body = {"what": "suspend", "reason": "冬季", "until": yesterday}
    return Try("head_D08", f"/s/v1/cases/{case.no}/ask", body)


def calling(**changes: Any) -> dict[str, Any]:
    where = position()
    point = {"lon": where.lon, "lat": where.lat, "datum": where.datum, "accuracy": 8.0}
    given = {"reason": "joint_enforcement", "place": "荣华里3号楼", "position": point}
    return given | {"matter": "CJ-002"} | changes


async def call_in_the_past(work):
    late = (now() - timedelta(hours=1)).isoformat()
    return Try("township02", "/m/v1/calls", calling(asked_at=late))


async def call_without_units(work):
    return Try("township02", "/s/v1/calls", calling(matter=""))


async def call_without_a_place(work):
    return Try("township02", "/m/v1/calls", calling(place=" "))


async def call_nowhere(work):
    return Try("township02", "/m/v1/calls", calling(position=None))


async def ruling_by_who_dispatched(work):
    case, by = await work.filed(), await work.actor("dispatcher1")
    choice = Choice(lead=WORKS, limit=2, urgency="work_day")
    await dispatch(case.no, choice, by=by, at=now(), basis=work.basis)
    task, _ = await work.lead(case)
    await give_back(work, task)
    body = {"upheld": True, "reason": "属实"}
    return Try("dispatcher1", f"/s/v1/cases/{case.no}/rule", body)


async def photo_not_ready(work):
    case = await work.handling()
    await work.helped(case)
    task, _ = await work.lead(case)
    photo = await work.photo("handler_D08")
    await Photo.filter(id=photo).update(flags=["unreadable"])
    body = {"result": "修好", "photos": [str(photo)]}
    return Try("handler_D08", f"/m/v1/tasks/{task.id}/resolve", body)


async def photo_of_nobody(work):
    case = await work.handling()
    task, _ = await work.lead(case)
    photo = await work.photo("resident1")
    body = {"note": "在办", "photos": [str(photo)]}
    return Try("handler_D08", f"/m/v1/tasks/{task.id}/progress", body)


Row = tuple[Callable[[Casework], Awaitable[Try]], int, str, str]
#: What is tried, how it is refused, and words of the sentence that say what is possible instead.
ROWS: tuple[Row, ...] = (
    (illegal_verb, 409, "case.wrong_stage", "您现在可以进行："),
    (illegal_verb_of_a_task, 409, "task.wrong_stage", "您现在可以进行：签收"),
    (no_reason, 422, "case.reason_missing", "必须说明理由"),
    (second_return, 409, "task.returned_before", "请在联席会议上陈述"),
    # That it exists is told to nobody whom it does not concern.
    (foreign_case, 404, "not_found", "请核对编号"),
    (foreign_task, 404, "not_found", "请核对编号"),
    (check_by_the_handler, 403, "case.interested_party", "应由别人办理"),
    (date_in_the_past, 422, "moment.past", "请填写将来的时间"),
    (call_in_the_past, 422, "call.in_past", "请重新填写"),
    (call_without_units, 422, "call.without_units", "请写明牵头或配合单位"),
    (call_without_a_place, 422, "call.place_missing", "必须写明本县区内的集合地点"),
    (call_nowhere, 422, "call.place_missing", "必须写明本县区内的集合地点"),
    (ruling_by_who_dispatched, 403, "case.interested_party", "应由别人办理"),
    (photo_not_ready, 422, "photo.not_ready", "请重新拍摄后上传"),
    (photo_of_nobody, 422, "photo.unknown", "请上传自己拍摄的照片"),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].__name__)
async def test_it_is_refused_with_its_code_and_what_would_be_possible(county, someone, row):
    make, status, code, instead = row
    attempt = await make(Casework(county))
    person = await someone(attempt.who, face="console")
    before = await everything()
    found, answer = await person.call("POST", attempt.path, json=attempt.body)
    assert (found, answer["code"]) == (status, code), answer
    assert instead in answer["title"], answer
    assert await everything() == before
