"""What of an OpenAPI description of ours a client of the older one could not live with."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
#: Bounds of what is sent: which may only fall, and which may only rise.
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def incompatible(old: Json, new: Json) -> list[str]:
    """Return a line for every change that breaks a client of `old`.

    What `old` calls deprecated may go. A field that is sent may be added, but not be demanded,
    since pages on phones are days old; one that is answered may not go, nor be null or of another
    type than before. Words may be added to those of an answer: clients show what they do not know.
    """
    return list(_Comparison(old, new).lines())


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._within = list[tuple[int, int]]()

    def lines(self) -> Iterator[str]:
        for path, operations in self._old["paths"].items():
            for method, before in operations.items():
                after = self._new["paths"].get(path, {}).get(method)
                at = f"{method.upper()} {path}"
                if before.get("deprecated"):
                    continue
                if after is None:
                    yield f"{at}: is gone"
                    continue
                yield from self._parameters(before, after, at)
                yield from self._body(before, after, at)
                yield from self._answers(before, after, at)

    def _parameters(self, before: Json, after: Json, at: str) -> Iterator[str]:
        was, now = ({p["name"]: p for p in each.get("parameters", [])} for each in (before, after))
        for name, parameter in was.items():
            if name in now:
                here = f"{at}?{name}"
                yield from self._schema(parameter["schema"], now[name]["schema"], here, sent=True)
            elif not parameter["schema"].get("deprecated"):
                yield f"{at}?{name}: is no longer taken"
        for name, parameter in now.items():
            if parameter["required"] and not was.get(name, {}).get("required"):
                yield f"{at}?{name}: is demanded now"

    def _body(self, before: Json, after: Json, at: str) -> Iterator[str]:
        was, now = (each.get("requestBody", {}).get("content", {}) for each in (before, after))
        if now and not was:
            yield f"{at}: demands a body now"
        for kind, content in was.items():
            if kind in now:
                yield from self._schema(content["schema"], now[kind]["schema"], at, sent=True)
            else:
                yield f"{at}: takes no {kind} any more"

    def _answers(self, before: Json, after: Json, at: str) -> Iterator[str]:
        for status, answer in before["responses"].items():
            if status not in after["responses"]:
                yield f"{at}: answers {status} no more"
                continue
            now = after["responses"][status].get("content", {})
            for kind, content in answer.get("content", {}).items():
                if kind in now:
                    here = f"{at} {status}"
                    yield from self._schema(
                        content["schema"], now[kind]["schema"], here, sent=False
                    )
                else:
                    yield f"{at}: answers no {kind} any more"

    def _schema(self, before: Json, after: Json, at: str, *, sent: bool) -> Iterator[str]:
        was, now = _options(before, self._old), _options(after, self._new)
        # What was sent must still be taken; what is answered now must have been answered before.
        wanted, offered = (was, now) if sent else (now, was)
        for each in wanted:
            tried = [
                list(self._one(*((each, other) if sent else (other, each)), at, sent=sent))
                for other in offered
            ]
            if [] not in tried:
                yield from min(tried, key=len)

    def _one(self, before: Json, after: Json, at: str, *, sent: bool) -> Iterator[str]:
        kinds = before.get("type"), after.get("type")
        wider = ("integer", "number") if sent else ("number", "integer")
        if sent and "?" in at and kinds in (("integer", "string"), ("number", "string")):
            return  # whatever stands in an address is text
        if kinds[0] != kinds[1] and kinds != wider:
            yield f"{at}: was {kinds[0]}, is {kinds[1]}"
            return
        yield from _words(before, after, at, sent=sent)
        if sent:
            yield from _bounds(before, after, at)
        if "items" in before and "items" in after:
            yield from self._schema(before["items"], after["items"], f"{at}[]", sent=sent)
        more = before.get("additionalProperties"), after.get("additionalProperties")
        if isinstance(more[0], dict) and isinstance(more[1], dict):
            yield from self._schema(more[0], more[1], f"{at}.*", sent=sent)
        pair = id(before), id(after)
        if pair not in self._within:  # an object within itself is compared once
            self._within.append(pair)
            yield from self._fields(before, after, at, sent=sent)
            self._within.pop()

    def _fields(self, before: Json, after: Json, at: str, *, sent: bool) -> Iterator[str]:
        was, now = before.get("properties", {}), after.get("properties", {})
        demanded, given = set(after.get("required", [])), set(before.get("required", []))
        for name, schema in was.items():
            here = f"{at}.{name}"
            if name in now:
                yield from self._schema(schema, now[name], here, sent=sent)
            elif not schema.get("deprecated"):
                yield f"{here}: is gone"
            if name in now and not sent and name in given - demanded:
                yield f"{here}: may be missing now"
        if sent:
            yield from (f"{at}.{name}: is demanded now" for name in sorted(demanded - given))


def _options(schema: Json, whole: Json) -> list[Json]:
    if "$ref" in schema:
        return _options(whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in schema:
        return [each for option in schema["anyOf"] for each in _options(option, whole)]
    return [schema]


def _words(before: Json, after: Json, at: str, *, sent: bool) -> Iterator[str]:
    was, now = (
        each.get("enum", [each["const"]] if "const" in each else None) for each in (before, after)
    )
    if sent and now is not None:
        gone = "any text" if was is None else [each for each in was if each not in now]
        if gone:
            yield f"{at}: takes {gone} no more"
    if not sent and was is not None and now is None:
        yield f"{at}: may be any text now"


def _bounds(before: Json, after: Json, at: str) -> Iterator[str]:
    for name in (*_LEAST, *_MOST):
        was, now = before.get(name), after.get(name)
        if now is not None and (was is None or (now > was if name in _LEAST else now < was)):
            yield f"{at}: {name} is {now} now"
    if after.get("pattern") not in (None, before.get("pattern")):
        yield f"{at}: must look otherwise now"
