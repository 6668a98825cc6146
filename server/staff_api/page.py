"""The desk's page, as the set-up built it; its addresses are its own router's."""

from typing import Final

from aiohttp import web

from server.http.routes import Routes
from server.http.sending import pages

routes = Routes("", tag="public")

FOLDER: Final = pages.where("console", __file__)


@routes.get("/console", files=("text/html",), public=True)
async def bare(request: web.Request) -> web.StreamResponse:
    """Send who leaves out the last slash to the page."""
    raise web.HTTPFound("/console/")


@routes.get("/console/assets/{name}", files=("*/*",), public=True)
async def asset(request: web.Request) -> web.StreamResponse:
    """Answer a part of the page; its name changes with its content."""
    found = pages.built(FOLDER).get(f"assets/{request.match_info['name']}")
    return pages.answer(request, found, pages.FOREVER)


@routes.get("/console/{path:.*}", files=("text/html",), public=True)
async def page(request: web.Request) -> web.StreamResponse:
    """Answer the page at each of its addresses; the page says itself which there is not."""
    return pages.answer(request, pages.built(FOLDER).get("index.html"), pages.ASK_AGAIN)
