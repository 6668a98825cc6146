"""Declaring a handler: what it takes, what it answers, who may call it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from server.cases.reading.reporters import reporters_named
from server.errors import NotFound, NotPermitted, Problem, Repeated
from server.http.answers import no_content, reply
from server.http.bodies import read_form, read_query
from server.http.forms import Query, StandingAnswer
from server.http.keys import ACTOR, ON_WALL, actor
from server.http.taps import once
from server.permissions import Permission

#: By what an asking is known again that was sent before and never answered.
KEY_HEADER: Final = "Idempotency-Key"

#: What is refused because of how something stands, which the first of two taps may have brought.
_AS_IT_STANDS: Final = frozenset({409, 422})

Handler = Callable[..., Awaitable[web.StreamResponse]]
Guard = Callable[[web.Request], None]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One declared handler, with all that its description needs."""

    method: str
    path: str
    tag: str
    handler: Handler
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    repeatable: bool = False
    each_time: bool = False
    public: bool = False
    permission: Permission | None = None
    upload: str = ""
    texts: Collection[str] = ()
    files: tuple[str, ...] = ()
    among: Mapping[str, Collection[str]] = field(default_factory=dict)
    guard: Guard | None = None
    on_wall: bool = False

    @property
    def once(self) -> bool:
        """Whether a second tap is told here; of what is done to a case its history tells."""
        of_a_case = self.answer is not None and issubclass(self.answer, StandingAnswer)
        apart = self.public or self.repeatable or self.each_time
        return self.method == "POST" and not (apart or (of_a_case and "{" in self.path))


ROUTES: Final[web.AppKey[list[Route]]] = web.AppKey("routes", list[Route])


class Routes:
    """The handlers of one noun under one prefix.

    A handler is `async def name(request)`, or `(request, body)`, `(request, query)`,
    `(request, body, query)` as declared. `permission` demands that some role held grants it (how
    far it reaches is the domain's to judge); `public` lets in who is not signed in; `upload`
    names the file part of a multipart body, which the handler reads, and `texts` the text parts
    beside it; `among` says which texts such a part, or a part of the path, may be (nothing is
    checked); `files` are the media types of an answer that is no JSON; what is `repeatable`
    answers 200 when the same is sent again; what is done `each_time` it is asked for changes
    nothing, or no more by a second time; `guard` runs before all. What is not `on_wall` is refused
    to the session of a wall.
    """

    def __init__(self, prefix: str, tag: str) -> None:
        self._prefix = prefix
        self._tag = tag
        self._declared: list[Route] = []

    def get(
        self,
        path: str,
        *,
        query: type[BaseModel] | None = None,
        answer: type[BaseModel] | None = None,
        files: tuple[str, ...] = (),
        status: int = 200,
        public: bool = False,
        permission: Permission | None = None,
        on_wall: bool = False,
    ) -> Callable[[H], H]:
        """Declare a handler of GET (and, by it, HEAD)."""

        def declared(handler: H) -> H:
            route = Route(
                method="GET",
                path=self._prefix + path,
                tag=self._tag,
                handler=handler,
                query=query,
                answer=answer,
                files=files,
                status=status,
                public=public,
                permission=permission,
                on_wall=on_wall,
            )
            self._declared.append(route)
            return handler

        return declared

    def post(
        self,
        path: str,
        *,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        answer: type[BaseModel] | None = None,
        files: tuple[str, ...] = (),
        status: int = 200,
        repeatable: bool = False,
        each_time: bool = False,
        public: bool = False,
        permission: Permission | None = None,
        upload: str = "",
        texts: Collection[str] = (),
        among: Mapping[str, Collection[str]] | None = None,
        guard: Guard | None = None,
        on_wall: bool = False,
    ) -> Callable[[H], H]:
        """Declare a handler of POST, the one method by which clients write (mini programs)."""

        def declared(handler: H) -> H:
            route = Route(
                method="POST",
                path=self._prefix + path,
                tag=self._tag,
                handler=handler,
                body=body,
                query=query,
                answer=answer,
                status=status,
                repeatable=repeatable,
                each_time=each_time,
                public=public,
                permission=permission,
                files=files,
                upload=upload,
                texts=texts,
                among=among or {},
                guard=guard,
                on_wall=on_wall,
            )
            self._declared.append(route)
            return handler

        return declared

    def add_to(self, app: web.Application) -> None:
        """Put the declared handlers on an application made by `edge.make_app`."""
        for route in self._declared:
            served = _served(route)
            if route.on_wall:
                app[ON_WALL].add(served)
            if route.method == "GET":
                app.router.add_get(route.path, served)
            else:
                app.router.add_route(route.method, route.path, served)
            app[ROUTES].append(route)


def _served(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def served(request: web.Request) -> web.StreamResponse:
        if route.guard is not None:
            route.guard(request)
        if any("\x00" in part for part in request.match_info.values()):
            raise NotFound
        _require(request, route)
        taken = await _taken(request, route)
        if route.method == "POST" and ACTOR in request:
            keyed = KEY_HEADER in request.headers
            asked = _hashed(request, taken)
            request[ACTOR] = replace(actor(request), request=asked, keyed=keyed)

        async def answering() -> web.StreamResponse:
            try:
                return await route.handler(request, *taken)
            except Problem as refused:
                # One finger, two taps: the second is answered as the first.
                told = await _told_before(request, route, refused)
                if told is None:
                    raise
                return told

        if not route.once:
            return await answering()
        return await once(
            request, answering, permission=route.permission, upload=bool(route.upload)
        )

    return served


async def _taken(request: web.Request, route: Route) -> list[BaseModel]:
    """Return the body and the parameters as the handler takes them."""
    taken: list[BaseModel] = []
    if route.body is not None:
        taken.append(await read_form(request, route.body))
    if route.query is not None:
        taken.append(read_query(request, route.query))
    elif route.method == "GET" and not route.public:
        read_query(request, Query)  # whoever narrows what cannot be narrowed is told so
    return taken


def _require(request: web.Request, route: Route) -> None:
    """Let in who is signed in and may; everybody where the route is public."""
    if route.public:
        return
    by = actor(request)
    if route.permission is not None and route.permission not in by.permissions:
        raise NotPermitted(permission=route.permission.value)


async def _told_before(
    request: web.Request, route: Route, refused: Problem
) -> web.StreamResponse | None:
    """Answer what was done already by this very request as then; None where it was not."""
    if refused.status not in _AS_IT_STANDS or ACTOR not in request:
        return None
    repeated = isinstance(refused, Repeated)
    if route.answer is None:
        return no_content() if repeated else None
    if not issubclass(route.answer, StandingAnswer):
        return None
    told = await route.answer.again(request, str(refused.facts["no"]) if repeated else "")
    if told is None:
        return None
    hidden = await reporters_named([no]) if (no := told.case_no()) else ()
    return reply(told, status=route.status if repeated else 200, hidden=hidden)


def _hashed(request: web.Request, taken: Sequence[BaseModel]) -> str:
    """Return a hash of what is asked: path, key, and the bodies and parameters as understood."""
    named = (request.method, request.path, request.headers.get(KEY_HEADER, ""))
    said = [*named, *(each.model_dump_json() for each in taken)]
    return sha256("\n".join(said).encode()).hexdigest()
