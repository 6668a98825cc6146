"""What every refusal must look like."""

from typing import Any

from aiohttp import ClientResponse


async def refused(response: ClientResponse, status: int, code: str) -> dict[str, Any]:
    """Assert that an answer is this refusal in the one form all have, and return it."""
    assert response.status == status
    assert response.content_type == "application/problem+json"
    body = await response.json(content_type=None)
    assert body["code"] == code
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert any("\u4e00" <= character <= "\u9fff" for character in body["title"])
    assert set(body) == {"type", "code", "title", "status", "facts", "errors"}
    return body
