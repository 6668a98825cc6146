"""Problems to HTTP, once, at the edge."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final

import asyncpg
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from tortoise.exceptions import DBConnectionError

from server.db import cannot_write
from server.errors import BadInput, DatabaseFull, NotReady, Problem
from server.http.keys import REQUEST_ID
from server.texts.catalogue import has, text

RETRY_SECONDS: Final = 5
#: Whoever makes room on a disk needs a while.
FULL_SECONDS: Final = 60

# What the driver raises when the database is away, as opposed to refusing a statement.
DATABASE_AWAY: Final = (
    asyncpg.InternalClientError,
    DBConnectionError,
    ConnectionRefusedError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
)


@dataclass(slots=True)
class NoRoom:
    """When the database last refused this process to write, for want of room."""

    refused_at: float | None = None

    def lately(self) -> bool:
        """Tell whether that is so near that it may hold still."""
        return self.refused_at is not None and monotonic() - self.refused_at < FULL_SECONDS


NO_ROOM: Final = web.AppKey("no_room", NoRoom)

_CODES: Final[Mapping[int, str]] = {
    400: "bad_input",
    401: "not_signed_in",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "content_type",
    503: "not_ready",
}

# Facts that are codes, and the table that has their words; those of tasks have their own stages.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "stage": ("stage", "procedure_stage"),
    "verb": ("verb", "procedure_verb"),
    "possible": ("verb", "procedure_verb"),
    "missing": ("missing",),
    "state": ("state",),
    "reason": ("photo",),
    "scope": ("throttle",),
}

_log = structlog.get_logger(__name__)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every refusal and failure as problem+json, telling nothing of the inside."""
    try:
        return await handler(request)
    except Problem as problem:
        return answer_problem(problem)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        return _refused(refusal)
    except DATABASE_AWAY as error:
        _log.warning("database away", request_id=_id(request), error=type(error).__name__)
        return answer_problem(NotReady(retry_after=RETRY_SECONDS))
    except Exception as error:
        if isinstance(error, ConnectionError) and request.transport is None:
            # Phones lose their lines all day; nobody hears this answer.
            _log.info("client gone", request_id=_id(request), method=request.method)
            return _answer("bad_input", 400, {})
        if cannot_write(error):
            _log.error("database full", request_id=_id(request), error=type(error).__name__)
            request.app[NO_ROOM].refused_at = monotonic()
            return answer_problem(DatabaseFull(retry_after=FULL_SECONDS))
        # No URL and no body: either may carry personal data.
        _log.exception("request failed", request_id=_id(request), method=request.method)
        return _answer("internal", 500, {"request_id": _id(request)})


def answer_problem(problem: Problem) -> web.Response:
    """Return the answer that a problem stands for."""
    errors = problem.errors if isinstance(problem, BadInput) else []
    return _answer(problem.code, problem.status, problem.facts, errors)


def _refused(refusal: web.HTTPException) -> web.Response:
    """Rephrase what the framework refused by itself: no route, wrong method, too large."""
    facts: dict[str, object] = {}
    headers: dict[str, str] = {}
    if isinstance(refusal, web.HTTPMethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(refusal.allowed_methods))
    other = "internal" if refusal.status >= 500 else "bad_input"
    code = _CODES.get(refusal.status, other)
    return _answer(code, refusal.status, facts, headers=headers)


def _answer(
    code: str,
    status: int,
    facts: Mapping[str, object],
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    body = {
        "type": "about:blank",
        "code": code,
        "title": _title(code, facts),
        "status": status,
        "facts": facts,
        "errors": [_explained(error) for error in errors or []],
    }
    response = web.Response(
        body=json.dumps(body, ensure_ascii=False, default=_plain).encode(errors="replace"),
        status=status,
        headers=headers,
        content_type="application/problem+json",
        charset="utf-8",
    )
    if isinstance(after := facts.get("retry_after"), int | float):
        response.headers["Retry-After"] = str(max(1, round(after)))
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def sentence(problem: Problem) -> str:
    """Return the sentence of a refusal, as its answer would say it."""
    return _title(problem.code, problem.facts)


def _title(code: str, facts: Mapping[str, object]) -> str:
    key = f"problem.{code}"
    named = {name: fact for name, fact in facts.items() if name.isidentifier()}
    return text(key if has(key) else "problem.internal", **named, **_worded(code, facts))


def _worded(code: str, facts: Mapping[str, object]) -> dict[str, str]:
    """Return the words for those facts that are codes: `{stage_text}` for `stage`, and so on."""
    words = {}
    for name, tables in _WORDS.items():
        fact = facts.get(name)
        codes = fact if isinstance(fact, list | tuple | set | frozenset) else (fact,)
        if name == "stage" and code.startswith("task."):
            tables = ("task_stage",)
        elif code.startswith("proposal."):
            tables = tables[::-1]
        found = [next((k for t in tables if has(k := f"{t}.{each}")), "") for each in codes]
        words[f"{name}_text"] = text("format.and").join(text(key) for key in found if key)
    return words


def _explained(error: Mapping[str, str]) -> dict[str, str]:
    """Add the sentence for people to a fault of the body, where there is one for its reason."""
    key = f"reason.{error.get('reason', '')}"
    return dict(error) | ({"title": text(key)} if has(key) else {})


def _plain(fact: object) -> object:
    """Put a fact that JSON does not know into one it knows."""
    if isinstance(fact, set | frozenset | tuple):
        return sorted(str(item) for item in fact)
    return str(fact)


def _id(request: web.Request) -> str:
    found: str = request.get(REQUEST_ID, "")
    return found
