"""Which words the fields of answers, forms and parameters may hold, as the description says."""

from itertools import chain
from typing import Annotated, get_args

from media.flags import Flag
from server import events
from server.calendar.working import Urgency
from server.cases.door.evidence import FLAGS
from server.cases.rules.flow import Stage, TaskStage
from server.cases.rules.shown import CHANNELS
from server.governance.procedure import ProcedureStage
from server.places.boundaries import Level
from server.push.wording import kinds
from server.responsibility.list.list_types import list_types
from server.responsibility.sheets import columns
from server.texts.catalogue import names, outlines
from server.texts.closed import Among, one_of

#: What a matter is about.
MatterKind = Annotated[str, one_of("livelihood", "enforcement", "development")]
#: Whose a matter is to answer for, and who receives what is dispatched.
Responsibility = Annotated[str, one_of(*columns.codes("responsibility"))]
Receives = Annotated[str, one_of(*columns.codes("receives"))]
#: What a limit counts; empty where there is none.
LimitUnit = Annotated[str, one_of("", *get_args(Urgency))]
#: A level of places.
PlaceLevel = Annotated[str, one_of(*get_args(Level))]
#: A type of lists; what has to be one is refused when it is none.
ListType = Annotated[str, one_of("", *list_types())]
OneListType = Annotated[str, Among(tuple(list_types()))]
#: A column of the lists by its name, and by the heading that is written for it.
ColumnName = Annotated[str, one_of(*columns.fields())]
ColumnHeading = Annotated[str, one_of(*columns.headings())]
#: How coordinates are meant, and how somebody came by them.
DatumName = Annotated[str, one_of("", "unknown", "wgs84", "cgcs2000", "gcj02", "bd09")]
SourceName = Annotated[str, one_of("", "device", "map", "exif", "address")]
#: How a version of a list stands.
VersionState = Annotated[str, one_of("draft", "in_review", "published", "superseded", "withdrawn")]
#: How a generation of boundaries stands.
GenerationState = Annotated[str, one_of("draft", "published")]
#: How an everyday word of a matter stands, and who said it.
WordState = Annotated[str, one_of("proposed", "accepted", "rejected")]
WordSource = Annotated[str, one_of("keeper", "dispatch")]
#: A platform of a township, empty for none.
Platform = Annotated[str, one_of("", *names("platform"))]
#: What somebody may ask to be shown: a stage of cases or of tasks, empty for all.
AnyStage = Annotated[str, Among(("", *Stage))]
AnyMatterKind = Annotated[str, Among(("", "livelihood", "enforcement", "development"))]
AnyTaskStage = Annotated[str, Among(("", *TaskStage))]
OnePlatform = Annotated[str, one_of(*names("platform"))]
AnyPlatform = Annotated[str, Among(("", *names("platform")))]
#: By which way a report came.
Channel = Annotated[str, one_of(*CHANNELS)]
AnyChannel = Annotated[str, Among(("", *CHANNELS))]
#: Why units are called to a place.
CallReason = Annotated[str, one_of(*outlines("call_reason"))]
#: What may be odd about a photo, and what photos say against or for their report.
PhotoFlag = Annotated[str, one_of(*Flag)]
EvidenceFlag = Annotated[str, one_of(*FLAGS)]
#: Why something is still open.
WaitsForCode = Annotated[str, one_of(*outlines("waits"))]
#: What was announced, to which receiver, and what a message in the inbox is about.
EventKind = Annotated[str, one_of(*(kind.kind for kind in events.AUDIENCE))]
ReceiverName = Annotated[str, one_of(*sorted({*chain(*events.AUDIENCE.values())}))]
MessageKind = Annotated[str, one_of(*kinds())]
MessageStage = Annotated[str, one_of(*dict.fromkeys(("", *Stage, *TaskStage, *ProcedureStage)))]
