"""The phone page, as the set-up built it."""

from typing import Final

from aiohttp import web

from mobile_api.welcome import welcome
from server.http.routes import Routes
from server.http.sending import pages

routes = Routes("", tag="public")

FOLDER: Final = pages.where("phone", __file__)


@routes.get("/", files=("text/html",), public=True)
async def page(request: web.Request) -> web.StreamResponse:
    """Answer the phone page; what this is, in plain HTML, where the page was not built."""
    if "index.html" not in pages.built(FOLDER):
        return await welcome(request)
    return _answer(request, "index.html", pages.ASK_AGAIN)


@routes.get("/assets/{name}", files=("*/*",), public=True)
async def asset(request: web.Request) -> web.StreamResponse:
    """Answer a part of the page; its name changes with its content."""
    return _answer(request, f"assets/{request.match_info['name']}", pages.FOREVER)


@routes.get(
    "/{name:(index\\.html|sw\\.js|workbox-\\w+\\.js|manifest\\.webmanifest|icon[\\w-]*\\.\\w+)}",
    files=("*/*",),
    public=True,
)
async def root(request: web.Request) -> web.StreamResponse:
    """Answer a file of the page that has to lie at the root."""
    return _answer(request, request.match_info["name"], pages.ASK_AGAIN)


def _answer(request: web.Request, path: str, caching: str) -> web.StreamResponse:
    return pages.answer(request, pages.built(FOLDER).get(path), caching)
