"""Declaring a handler: what it takes, what it answers, who may call it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from server.errors import NotFound, NotPermitted
from server.http.bodies import read_form, read_query
from server.http.keys import actor
from server.permissions import Permission

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
    public: bool = False
    permission: Permission | None = None
    upload: str = ""
    texts: Collection[str] = ()
    files: tuple[str, ...] = ()
    among: Mapping[str, Collection[str]] = field(default_factory=dict)
    guard: Guard | None = None


ROUTES: Final[web.AppKey[list[Route]]] = web.AppKey("routes", list[Route])


class Routes:
    """The handlers of one noun under one prefix.

    A handler is `async def name(request)`, or `(request, body)`, `(request, query)`,
    `(request, body, query)` as declared. `permission` demands that some role held grants it (how
    far it reaches is the domain's to judge); `public` lets in who is not signed in; `upload`
    names the file part of a multipart body, which the handler reads, and `texts` the text parts
    beside it; `among` says which texts such a part, or a part of the path, may be (nothing is
    checked); `files` are the media types of an answer that is no JSON; what is `repeatable`
    answers 200 when the same is sent again; `guard` runs before all.
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
        status: int = 200,
        repeatable: bool = False,
        public: bool = False,
        permission: Permission | None = None,
        upload: str = "",
        texts: Collection[str] = (),
        among: Mapping[str, Collection[str]] | None = None,
        guard: Guard | None = None,
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
                public=public,
                permission=permission,
                upload=upload,
                texts=texts,
                among=among or {},
                guard=guard,
            )
            self._declared.append(route)
            return handler

        return declared

    def add_to(self, app: web.Application) -> None:
        """Put the declared handlers on an application made by `edge.make_app`."""
        for route in self._declared:
            served = _served(route)
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
        if not route.public:
            by = actor(request)
            if route.permission is not None and route.permission not in by.permissions:
                raise NotPermitted(permission=route.permission.value)
        taken: list[Any] = []
        if route.body is not None:
            taken.append(await read_form(request, route.body))
        if route.query is not None:
            taken.append(read_query(request, route.query))
        return await route.handler(request, *taken)

    return served
