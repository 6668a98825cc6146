"""What the units do: sign, come, go on, finish; what must be refused on the way."""

from collections.abc import Sequence

from gridwhistle.tour.deviation import holds, same
from gridwhistle.tour.people import Json, Person
from gridwhistle.tour.play import Play
from server.texts.catalogue import text


async def accept(play: Play) -> None:
    """Sign for every task, the lead's first; who taps a second time is answered as at first."""
    for unit in play.units:
        officer, task = await _mine(play, unit, stage="pending")
        signed = await officer.post(f"/m/v1/tasks/{task['id']}/accept")
        lead = unit == play.lead
        same("task_stage", (signed["stage"], signed["case_stage"]), ("accepted", "handling"))
        play.step(officer, "accept_lead" if lead else "accept")
        if not lead:
            continue
        path = f"/m/v1/tasks/{task['id']}/accept"
        again = await officer.post(path)
        same(
            "task_stage",
            (again["stage"], again["accepted_at"]),
            ("accepted", signed["accepted_at"]),
        )
        await _hold_discretion(play, officer, task["id"])
        await play.told("case.accept", by=officer)


async def duties(play: Play) -> None:
    """See that every unit reads what the list asks of it, so many duties for lead and township."""
    for unit, n in zip((play.lead, play.script.township), play.script.n_duties, strict=True):
        officer = await play.town.officer(unit)
        named = (await play.task_of(officer))["duties"].split(text("format.clause"))
        same("duties", (unit, len(named)), (unit, n))
        play.seen("duties", unit=unit, n=n, duties=text("format.and").join(named))


async def _arrive(play: Play, unit: str, room: Person) -> None:
    officer, task = await _mine(play, unit, stage="accepted")
    path = f"/m/v1/tasks/{task['id']}/check-in"
    came = await officer.post(path, {"position": play.position})
    arrived = (came["stage"], came["arrived_in_time"])
    in_time = True if came["arrive_due_at"] else None
    same("arrived", arrived, ("arrived", in_time))
    play.step(officer, "check_in")
    await play.told("case.check_in", by=officer)
    if unit == play.script.township:
        return
    confirmed = await room.post(_confirming(play, task["id"]))
    same("arrival", confirmed["arrival"], "confirmed")
    play.step(room, "confirm", unit=unit)
    await play.told("case.confirm", by=room, followers=False)


async def come(play: Play) -> None:
    """Report in at the place, all in time where a time was asked for.

    The township confirms each; it comes itself only where it leads, and confirms nothing then.
    """
    room = await play.town.officer(play.script.township)
    for unit in play.units:
        if unit == play.script.township and unit != play.lead:
            continue
        await _arrive(play, unit, room)


async def work(play: Play) -> None:
    """Say how far it is; the lead cannot finish before the others; then all finish."""
    lead, task = await _mine(play, play.lead, stage="arrived")
    during = await play.take_photo(lead)
    body = {"note": play.script.progress, "photos": [during]}
    await lead.post(f"/m/v1/tasks/{task['id']}/progress", body)
    play.step(lead, "progress", words=play.script.progress)
    finished = {"result": play.script.result, "photos": [await play.take_photo(lead)]}
    path = f"/m/v1/tasks/{task['id']}/resolve"
    said = await lead.refused(path, finished, status=409, code="case.tasks_open")
    play.seen("refused", said=said)
    for unit in play.script.cooperating:
        officer, helping = await _mine(play, unit, stage="")
        done = await officer.post(
            f"/m/v1/tasks/{helping['id']}/resolve", {"result": play.script.helped}
        )
        same("task_stage", done["stage"], "done")
        play.step(officer, "done")
        await play.told("case.done", by=officer, followers=False)
    await _finish(play, lead, task["id"], finished)


async def process(play: Play) -> None:
    """Go through the matter's process, each step by its unit and none before its turn.

    Then the case is handled: the lead says so, with a photo after.
    """
    here: set[str] = set()
    for position, names in enumerate(play.script.order, start=1):
        following = play.script.order[position : position + 1]
        for unit in names:
            # Whose turn it is now hears that, and nothing else of the last one's end.
            turn = following[0] if following and unit == names[-1] else ()
            await _do_step(play, unit, position, arriving=unit not in here, turn=turn)
            here.add(unit)
        if position < len(play.script.order):
            play.position_open = position + 1
            await play.hear("work.dispatch", play.script.order[position])
    lead, task = await _mine(play, play.lead, stage="arrived")
    finished = {"result": play.script.result, "photos": [await play.take_photo(lead)]}
    await _finish(play, lead, task["id"], finished)


async def _do_step(
    play: Play, unit: str, position: int, *, arriving: bool, turn: Sequence[str]
) -> None:
    officer, task = await _mine(play, unit, stage="")
    if task["stage"] == "pending":
        await officer.post(f"/m/v1/tasks/{task['id']}/accept")
        play.step(officer, "accept")
    if arriving:
        await _arrive(play, unit, await play.town.officer(play.script.township))
    rows = (await officer.get(f"/m/v1/tasks/{task['id']}"))["process"]
    [row] = [each for each in rows if (each["position"], each["unit"]) == (position, unit)]
    same("step_open", row["state"], "open")
    if unit != play.lead:
        await officer.post(f"/m/v1/tasks/{task['id']}/resolve", {"result": play.script.helped})
        play.step(officer, "process", position=position, step=row["step"])
        await play.told("case.done", by=officer, followers=False, but=turn)
        return
    photo = await play.take_photo(officer)
    body = {"note": play.script.progress, "step": position, "photos": [photo]}
    path = f"/m/v1/tasks/{task['id']}/progress"
    early = body | {"step": position + 1}
    said = await officer.refused(path, early, status=409, code="process.not_open")
    play.seen("step_refused", said=said)
    await officer.post(path, body)
    play.step(officer, "process", position=position, step=row["step"])


async def _finish(play: Play, lead: Person, task_id: str, body: Json) -> None:
    resolved = await lead.post(f"/m/v1/tasks/{task_id}/resolve", body)
    same("task_stage", (resolved["stage"], resolved["case_stage"]), ("done", "checking"))
    play.step(lead, "resolve", words=play.script.result)
    await play.told("case.resolve", by=lead)


def _confirming(play: Play, task_id: str) -> str:
    """Return where the township confirms an arrival: at its call, or at a desk."""
    if play.call_id:
        return f"/m/v1/calls/{play.call_id}/arrivals/{task_id}/confirm"
    return f"/s/v1/tasks/{task_id}/confirm"


async def _mine(play: Play, unit: str, *, stage: str) -> tuple[Person, Json]:
    """Return who acts for a unit, and the unit's task as its own board shows it."""
    officer = await play.town.officer(unit)
    task = await play.task_of(officer)
    same("task_unit", task["unit"], unit)
    if stage:
        same("task_stage", task["stage"], stage)
    return officer, task


async def _hold_discretion(play: Play, officer: Person, task_id: str) -> None:
    """See that who handles reads the words of the report, and nothing of who sent it."""
    shown = await officer.get(f"/m/v1/tasks/{task_id}")
    if play.reporter.person.account.role == "resident":
        same("words", shown["words"], [play.script.words])
    account = play.reporter.person.account
    if account.role != "township":
        leaked = [word for word in (account.name, account.username) if word in str(shown)]
        holds("discretion", not leaked, leaked)
