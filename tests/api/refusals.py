"""What every refusal must look like."""

from typing import Any

from aiohttp import ClientResponse


def refused(status: int, answer: dict[str, Any], expected: int, code: str) -> None:
    """Assert that an answer is this refusal, in the one form that all have."""
    assert (status, answer["code"]) == (expected, code), answer
    assert set(answer) == {"type", "code", "title", "status", "facts", "errors"}
    assert any("\u4e00" <= character <= "\u9fff" for character in answer["title"])


async def refusal(response: ClientResponse, status: int, code: str) -> dict[str, Any]:
    """Assert that a response is this refusal, also in its headers, and return its body."""
    assert response.content_type == "application/problem+json"
    body = await response.json(content_type=None)
    refused(response.status, body, status, code)
    assert (body["type"], body["status"]) == ("about:blank", status)
    return body
