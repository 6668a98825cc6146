"""Every way a request can be refused, in one catalogue; the sentences are in `texts`."""

from typing import ClassVar


class Problem(Exception):
    """A refusal the caller can understand: a stable code, a status, named facts."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class BadInput(Problem):
    """The body or a parameter does not fit its form; `errors` lists pointer and reason."""

    code, status = "bad_input", 400

    def __init__(self, errors: list[dict[str, str]] | None = None, **facts: object) -> None:
        super().__init__(**facts)
        self.errors = errors or []


class WrongContentType(Problem):
    """The body is of another type than the route takes."""

    code, status = "content_type", 415


class EncodedBody(Problem):
    """The body is packed in some encoding, `given`; bodies are taken as they are."""

    code, status = "content_encoding", 415


class BodyTooLarge(Problem):
    """The body is over the route's limit."""

    code, status = "body_too_large", 413


class BodyTooSlow(Problem):
    """The body hardly came, and was given up."""

    code, status = "body_too_slow", 408


class NotSignedIn(Problem):
    """No valid credential came with the request."""

    code, status = "not_signed_in", 401


class NotFromOwnPage(Problem):
    """The session came by cookie, and not the token that only its own page knows."""

    code, status = "not_from_own_page", 403


class NotOnWall(Problem):
    """The session is a wall's, which reads what it shows and does nothing."""

    code, status = "not_on_wall", 403


class WrongPassword(Problem):
    """Name and password do not belong together."""

    code, status = "auth.wrong_password", 401


class WrongOldPassword(Problem):
    """Who changes the own password said another as the old one."""

    code, status = "auth.wrong_old_password", 422


class TooManyTries(Problem):
    """Sign-in is throttled for a while, `retry_after` in seconds; `scope` is name or address."""

    code, status = "auth.too_many_tries", 429


class DemoOnly(Problem):
    """The demo sign-in does not exist here."""

    code, status = "not_found", 404


class NotFound(Problem):
    """No such thing, or none this actor may see: a stranger learns not which."""

    code, status = "not_found", 404


class NotPermitted(Problem):
    """The actor may see this and may not do that to it."""

    code, status = "not_permitted", 403


class WrongStage(Problem):
    """The verb does not apply at the present stage; `possible` names what its reader may do.

    `happened` says in words who did what before.
    """

    code, status = "case.wrong_stage", 409


class WrongTaskStage(Problem):
    """The verb does not apply at the task's present stage."""

    code, status = "task.wrong_stage", 409


class ReasonMissing(Problem):
    """The act needs a reason."""

    code, status = "case.reason_missing", 422


class TasksOpen(Problem):
    """Cooperating tasks are still open; `units` names them."""

    code, status = "case.tasks_open", 409


class StepsOpen(Problem):
    """Steps of the matter's process are neither done nor waived; `steps` names them."""

    code, status = "process.steps_open", 409


class StepNotOpen(Problem):
    """It is not the lead's turn at that step of the process; `steps` names those that wait."""

    code, status = "process.not_open", 409


class InterestedParty(Problem):
    """Who handled a case neither checks nor closes it."""

    code, status = "case.interested_party", 403


class NoLead(Problem):
    """A dispatch needs exactly one lead unit."""

    code, status = "case.no_lead", 422


class OffListTownship(Problem):
    """A matter on no list reaches a township only with an admission."""

    code, status = "case.off_list_township", 422


class UnitRecused(Problem):
    """The case complains of this unit, or of one above it: it has no part in it."""

    code, status = "unit.recused", 422


class ComplaintApart(Problem):
    """Only complaints about the same unit become one case."""

    code, status = "merge.complaint", 422


class CaseNotReady(Problem):
    """The case lacks what this act needs; `missing` names it."""

    code, status = "case.not_ready", 422


class CallPlaceMissing(Problem):
    """A call needs a place within the county."""

    code, status = "call.place_missing", 422


class CallInPast(Problem):
    """A call asks units to come at a time that is over."""

    code, status = "call.in_past", 422


class CallWithoutUnits(Problem):
    """A call names nobody, and no list says who would come."""

    code, status = "call.without_units", 422


class CallLead(Problem):
    """A call on a case at work leaves its lead and limit as they are; `lead` names it."""

    code, status = "call.lead_stays", 409


class CallNeedsReport(Problem):
    """A grid worker asks for a call on a case: there is none yet."""

    code, status = "call.report_first", 422


class RedoUsed(Problem):
    """A reporter may have a case handled again once; the next time a leader must agree."""

    code, status = "case.redo_used", 409


class TooLate(Problem):
    """The time for this act has passed; `until` says when."""

    code, status = "case.too_late", 409


class AlreadyDone(Problem):
    """It was done before and is not done twice."""

    code, status = "case.already_done", 409


class ChangedMeanwhile(Problem):
    """Somebody else changed it since it was read; `happened` says in words who and when."""

    code, status = "changed_meanwhile", 409


class Repeated(Problem):
    """The same person asked for just this a moment ago, at the case `no`, and it was done."""

    code, status = "case.repeated", 409


class ReturnLate(Problem):
    """A unit may return a task only so long after its dispatch; `until` says when."""

    code, status = "task.return_late", 409


class ReturnedBefore(Problem):
    """A unit returns a case once."""

    code, status = "task.returned_before", 409


class DecidedByConference(Problem):
    """A conference gave the unit this task; its ruling binds."""

    code, status = "return.decided", 409


class StatementsUsed(Problem):
    """A unit states its case so often only; `most` says how often."""

    code, status = "state.used", 409


class ProperUnit(Problem):
    """A return names another unit as the right one, never itself."""

    code, status = "return.proper_unit", 422


class NoReturn(Problem):
    """No return waits for a ruling."""

    code, status = "return.none", 409


class ConferenceRunning(Problem):
    """A leader decides only what the conference did not decide in time; `until` says when."""

    code, status = "conference.running", 409


class RequestOpen(Problem):
    """The same is asked for already and waits for its answer."""

    code, status = "request.open", 409


class NoRequest(Problem):
    """No such request waits for an answer."""

    code, status = "request.none", 409


class RequestUsed(Problem):
    """It may be asked for so often only; `most` says how often."""

    code, status = "request.used", 409


class RequestLate(Problem):
    """It had to be asked for before the deadline."""

    code, status = "request.late", 409


class TooLong(Problem):
    """The time asked for is longer than may be given; `most` says how long."""

    code, status = "request.too_long", 422


class MomentPast(Problem):
    """A moment that must lie ahead is over."""

    code, status = "moment.past", 422


class LeaveOverlaps(Problem):
    """`name` is on leave already in some of that time."""

    code, status = "leave.overlaps", 409


class LeaveStandsIn(Problem):
    """`name` stands in for `whose` in some of that time, and cannot be away too."""

    code, status = "leave.stands_in", 409


class SubstituteAway(Problem):
    """Who is to stand in, `name`, is on leave in some of that time."""

    code, status = "leave.substitute_away", 409


class NotSubstitute(Problem):
    """Who stands in is another person, with an open account, of the same office."""

    code, status = "leave.not_substitute", 422


class LeaveForOneself(Problem):
    """Who enters another's leave does not thereby get more than the own roles and unit give."""

    code, status = "leave.for_oneself", 403


class UnfitAssignee(Problem):
    """Whom a task is given to works for its unit, with an open account."""

    code, status = "assign.unfit", 422


class AssignsOthers(Problem):
    """Who does not manage a unit's work takes a task on, or gives up the own, and no more."""

    code, status = "assign.others", 403


class LeaveOver(Problem):
    """The leave has ended, or was taken back."""

    code, status = "leave.over", 409


class NotOverdue(Problem):
    """What is not overdue needs no exemption."""

    code, status = "exempt.not_overdue", 409


class NoSelfHandling(Problem):
    """The list does not allow this matter to be handled on the spot."""

    code, status = "self_handle.not_allowed", 422


class NoticeGiven(Problem):
    """The reporter was given one complete notice; there is no second."""

    code, status = "inquire.given", 409


class StillReported(Problem):
    """Who reported a case hears of it as long as the report stands."""

    code, status = "follow.still_reported", 409


class MergeSame(Problem):
    """A case cannot be merged with itself, or with one that is over or merged."""

    code, status = "merge.same", 422


class PhotoNotReady(Problem):
    """A photo is not ready, or cannot be read."""

    code, status = "photo.not_ready", 422


class PhotoDamaged(Problem):
    """No picture can be made of the photo, as its owner is told; its bytes are kept."""

    code, status = "photo.damaged", 404


class NotOnShift(Problem):
    """A duty leader steers cases only while on shift."""

    code, status = "roster.not_on_shift", 403


class OwnSeat(Problem):
    """Who sits may dispatch: nobody puts themselves on the roster."""

    code, status = "roster.own_seat", 403


class NotDutyLeader(Problem):
    """Only a duty leader of the township sits in its command room."""

    code, status = "roster.not_duty_leader", 422


class NoTeamUnit(Problem):
    """A township's team is made of units that it calls; `name` is none such."""

    code, status = "team.no_such_unit", 422


class NotInCase(Problem):
    """The unit `name` has no part in this case."""

    code, status = "instruct.not_in_case", 422


class ShownTooOften(Problem):
    """A unit has tied evidence to its duties in this case `most` times."""

    code, status = "diligence.too_often", 409


class NoPlatform(Problem):
    """No such platform of the township."""

    code, status = "platform.unknown", 422


class NothingToAnswer(Problem):
    """No instruction waits for an answer of this unit."""

    code, status = "reply.none", 409


class TrackNotConsented(Problem):
    """A track is taken only of who agreed to it."""

    code, status = "patrol.not_consented", 409


class PatrolOver(Problem):
    """A patrol that has ended goes nowhere any more."""

    code, status = "patrol.over", 409


class PatrolNotBegun(Problem):
    """A point of a track lies before the patrol began: it is of another's, or of another day."""

    code, status = "patrol.not_begun", 409


class KeyReused(Problem):
    """The phone's key was used before with another content."""

    code, status = "report.key_reused", 422


class UnknownMatter(Problem):
    """No matter of that code is in the catalogue."""

    code, status = "matter.unknown", 422


class UnknownPhoto(Problem):
    """A photo id is not one of the caller's photos."""

    code, status = "photo.unknown", 422


class PhotoRefused(Problem):
    """The file is no allowed image or over a limit; `reason` is the library's stable code."""

    code, status = "photo.refused", 415


class PhotoTooLarge(Problem):
    """The photo is over a limit of bytes or pixels."""

    code, status = "photo.too_large", 413


class StorageFull(Problem):
    """The photo store has no room left."""

    code, status = "storage.full", 507


class DatabaseFull(Problem):
    """The database takes nothing more, for want of room or read-only; what it has is read on."""

    code, status = "database.full", 507


class BadPosition(Problem):
    """A coordinate is not finite, out of range, or its axes are swapped (`swapped`)."""

    code, status = "position.bad", 422


class PlacesRefused(Problem):
    """A boundary file was not taken; `faults` names feature, code and reason."""

    code, status = "places.refused", 422


class PlacesDropped(Problem):
    """A generation would end a county or most places of a level; `places` says which."""

    code, status = "places.dropped", 409


class ListRefused(Problem):
    """A spreadsheet was not taken; `rows` names sheet, row, column and reason."""

    code, status = "list.refused", 422


class AccountsRefused(Problem):
    """A sheet of accounts was not taken; `rows` names row, column and reason."""

    code, status = "accounts.refused", 422


class PlacesNeedPyogrio(Problem):
    """The file is a GeoPackage or shapefile, and what reads them is not installed."""

    code, status = "places.needs_pyogrio", 422


class PlaceNotCandidate(Problem):
    """The place named is none of those that the report may lie in; `candidates` are."""

    code, status = "place.not_a_candidate", 422


class PlaceSettled(Problem):
    """Where the case lies is settled: confirmed already, or its township is at work."""

    code, status = "place.settled", 409


class VersionState(Problem):
    """A version or generation is not in the state that this needs."""

    code, status = "version.wrong_state", 409


class QuestionsOpen(Problem):
    """A draft has questions that a person has to answer first; `n_questions` of them."""

    code, status = "version.questions_open", 409


class DatesOutOfOrder(Problem):
    """A later version is published already; `label` and `starts_at` say which."""

    code, status = "version.dates_out_of_order", 409


class OpenCasesLeft(Problem):
    """A version drops matters whose open cases no unit has yet; `matters` names them."""

    code, status = "version.open_cases", 409


class WrongProcedureStage(Problem):
    """A proposal or a burden is at another stage; `possible` are the verbs that are."""

    code, status = "proposal.wrong_stage", 409


class ProcedureConflict(Problem):
    """Who proposed does not review, and who did either does not approve."""

    code, status = "proposal.conflict", 403


class AdmissionNeeded(Problem):
    """An adjustment asks more of townships than the lists do: it needs an admission."""

    code, status = "admission.needed", 422


class NotAdmitted(Problem):
    """A version asks of townships what no admission allows; `matters` names them."""

    code, status = "version.not_admitted", 409


class ProposalsLeft(Problem):
    """A version does not say what was approved for it; `proposals` names what it leaves out."""

    code, status = "version.proposals_left", 409


class AnswerPending(Problem):
    """The unit objected to may still answer, until `until`."""

    code, status = "burden.answer_pending", 409


class NotMergeable(Problem):
    """These units are not merged: kinds differ, or one does not act any more."""

    code, status = "unit.not_mergeable", 409


class PlanDecided(Problem):
    """A plan for a unit waits already, or is decided already: it stands at `stage`."""

    code, status = "unit_plan.wrong_stage", 409


class PlanConflict(Problem):
    """Who proposed a renaming or merger does not confirm it."""

    code, status = "unit_plan.conflict", 403


class PlanFollowed(Problem):
    """A later change is to be taken back first.

    `was` is what a unit was called before it, `now` what it is called since, or into which it was
    merged; `document` ordered it.
    """

    code, status = "unit_plan.followed", 409


class PlanTooOld(Problem):
    """What was done more than `days` ago is not taken back."""

    code, status = "unit_plan.too_old", 409


class ListTooLong(Problem):
    """A list of more than `most` characters, or entries over a page, is not made into a PDF."""

    code, status = "list.too_long", 422


class UnknownUnit(Problem):
    """No unit of that code or name."""

    code, status = "unit.unknown", 422


class Duplicate(Problem):
    """A name or code that must be unique is taken."""

    code, status = "duplicate", 409


class NotReady(Problem):
    """The service cannot answer now; try again after `retry_after` seconds."""

    code, status = "not_ready", 503


class CalendarMissing(Problem):
    """No working calendar is loaded for the year that a limit reaches into."""

    code, status = "calendar.missing", 503
