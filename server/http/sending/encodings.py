"""Which of several packings of a body an asker would rather have, and sending it so."""

from collections.abc import Iterable

from aiohttp import web


def packing_for(accepted: str, held: Iterable[str]) -> str:
    """Return the coding of those held that suits an `Accept-Encoding` best, the first of equals.

    Empty when the body is to go out as it is. Weights as in RFC 9110, 12.5.3: what has 0 is
    refused, `*` is whatever was not named; a weight that cannot be read is taken as 0.
    """
    weights = dict(_weighed(each) for each in accepted.lower().split(","))
    weighed = [(weights.get(coding, weights.get("*", 0)), coding) for coding in held]
    weight, coding = max(weighed, key=lambda each: each[0], default=(0, ""))
    return coding if weight > 0 else ""


def packed(request: web.Request, answer: web.Response) -> web.Response:
    """Return an answer that goes out by gzip where the request takes that.

    Only for what says nothing of who asks: a length tells much of what was packed together.
    """
    answer.headers["Vary"] = "Accept-Encoding"
    if packing_for(request.headers.get("Accept-Encoding", ""), ["gzip"]):
        answer.enable_compression(web.ContentCoding.gzip)
    return answer


def _weighed(accepted: str) -> tuple[str, float]:
    coding, _, weight = "".join(accepted.split()).partition(";q=")
    try:
        return coding, float(weight or 1)
    except ValueError:
        return coding, 0
