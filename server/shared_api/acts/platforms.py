"""A township's four platforms, on the phone and at a desk."""

from aiohttp import web
from pydantic import Field

from server.cases.dispatch import platforms
from server.http.answers import reply
from server.http.forms import Answer, Form, Query
from server.http.keys import call_of
from server.http.paging import path_id
from server.http.routes import Routes
from server.permissions import Permission
from server.shared_api.acts import task_verbs
from server.shared_api.enumerations import OnePlatform, Platform
from server.shared_api.narrowing import require_known
from server.shared_api.tasks import TaskCard
from server.texts.catalogue import has, text


class RouteForm(Form):
    """To which platform, by its name."""

    platform: OnePlatform = Field(min_length=1, max_length=20)
    note: str = Field(default="", max_length=500)


class PlatformsQuery(Query):
    """Of which township, by its code; only for who reads everywhere."""

    township: str = Field(default="", max_length=20)


class PlatformRow(Answer):
    """One platform; the empty one holds what belongs to none yet."""

    platform: Platform
    name: str
    open: int
    overdue: int


class PlatformsAnswer(Answer):
    """The four platforms and what is open on them."""

    items: list[PlatformRow]


def declare(routes: Routes) -> None:
    """Put the platforms and the township's choice between them on a front."""
    routes.get(
        "/platforms",
        query=PlatformsQuery,
        answer=PlatformsAnswer,
        permission=Permission.TASK_READ,
    )(board)
    routes.post(
        "/tasks/{id}/route", body=RouteForm, answer=TaskCard, permission=Permission.TASK_ROUTE
    )(route)


async def board(request: web.Request, query: PlatformsQuery) -> web.Response:
    """Count what is open and overdue on each platform of my township."""
    by, at, known = call_of(request)
    await require_known(known, at, township=query.township)
    found = await platforms.counts(by, township=query.township, at=at, basis=known)
    return reply(
        PlatformsAnswer(
            items=[
                PlatformRow(
                    platform=each.platform,
                    name=named(each.platform),
                    open=each.n_open,
                    overdue=each.n_overdue,
                )
                for each in found
            ]
        )
    )


def named(platform: str) -> str:
    """Return a platform's name as it is shown."""
    key = f"platform.{platform}"
    return text(key) if has(key) else platform or text("word.no_platform")


async def route(request: web.Request, form: RouteForm) -> web.Response:
    """Give a task of my township to another of its platforms (分流)."""
    task_id, (by, at, known) = path_id(request, bits=64), call_of(request)
    await platforms.route(task_id, form.platform, note=form.note, by=by, at=at, basis=known)
    return await task_verbs.card(request, task_id)
