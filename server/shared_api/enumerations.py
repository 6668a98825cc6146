"""Which words the fields of answers may hold, as the description lists them."""

from typing import Annotated, get_args

from server.calendar.working import Urgency
from server.http.forms import one_of
from server.places.boundaries import Level
from server.responsibility.list.list_types import list_types

#: What a matter is about.
MatterKind = Annotated[str, one_of("livelihood", "enforcement", "development")]
#: What a limit counts; empty where there is none.
LimitUnit = Annotated[str, one_of("", *get_args(Urgency))]
#: A level of places.
PlaceLevel = Annotated[str, one_of(*get_args(Level))]
#: A type of lists.
ListType = Annotated[str, one_of("", *list_types())]
#: How coordinates are meant.
DatumName = Annotated[str, one_of("", "unknown", "wgs84", "cgcs2000", "gcj02", "bd09")]
#: How a version of a list stands.
VersionState = Annotated[str, one_of("draft", "in_review", "published", "superseded", "withdrawn")]
#: How a generation of boundaries stands.
GenerationState = Annotated[str, one_of("draft", "published")]
#: How an everyday word of a matter stands, and who said it.
WordState = Annotated[str, one_of("proposed", "accepted", "rejected")]
WordSource = Annotated[str, one_of("keeper", "dispatch")]
