#!/bin/sh
# pydantic 2.14.4: what the description of an answer says of optional keys is untrue once defaults
# are described as always there.
#
# `json_schema_serialization_defaults_required` says that fields with defaults are in every answer,
# which is so for models. It also reaches the optional keys of a TypedDict below them (`total=False`
# or `NotRequired`), which have no default and are left out of the answer when they are not there:
# the schema demands them. Whoever generates a client of it reads `undefined` where a value is
# promised, and a validator refuses the server's own answers. The TypedDict's own config does not
# undo it (with_config); a hook that takes `required` out does.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    pydantic==2.14.4 fastjsonschema==2.21.2
"$folder/env/bin/python" - <<'PY'
import json

import fastjsonschema
import pydantic
from pydantic import BaseModel, ConfigDict, with_config
from typing_extensions import NotRequired, TypedDict


class Figures(TypedDict, total=False):
    distance_m: int


class Flagged(TypedDict):
    flags: list[str]
    age_s: NotRequired[int]


@with_config(ConfigDict(json_schema_serialization_defaults_required=False))
class OwnConfig(TypedDict, total=False):
    distance_m: int


@with_config(ConfigDict(json_schema_extra=lambda schema: schema.pop("required", None)))
class Mended(TypedDict, total=False):
    distance_m: int


def told(kind, value, config):
    model = type("Answer", (BaseModel,), {
        "__annotations__": {"found": kind}, "model_config": config, "__module__": __name__,
    })
    schema = model.model_json_schema(mode="serialization")
    answer = json.loads(model(found=value).model_dump_json())
    try:
        fastjsonschema.compile(schema)(answer)
        holds = True
    except fastjsonschema.JsonSchemaValueException as error:
        holds = str(error)
    return schema["$defs"][kind.__name__].get("required", []), holds


always = ConfigDict(json_schema_serialization_defaults_required=True)
print("pydantic", pydantic.VERSION)
for kind, value in ((Figures, {}), (Flagged, {"flags": []}), (OwnConfig, {}), (Mended, {})):
    print(kind.__name__, "usual:", told(kind, value, ConfigDict()), "always:", told(kind, value, always))
assert told(Figures, {}, ConfigDict()) == ([], True)
assert told(Flagged, {"flags": []}, ConfigDict()) == (["flags"], True)
for kind, value, keys in (
    (Figures, {}, ["distance_m"]), (Flagged, {"flags": []}, ["flags", "age_s"]),
    (OwnConfig, {}, ["distance_m"]),
):
    demanded, holds = told(kind, value, always)
    assert demanded == keys, "pydantic has changed"
    assert holds is not True, "the answer fits its description now"
assert told(Mended, {}, always) == ([], True)
PY
