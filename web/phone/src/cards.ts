/** Answers of the server as the pages use them; fields that are not named here are left alone. */
export interface Card {
  no: string;
  stage: string;
  stage_text: string;
  kind: string;
  title: string;
  matter: string;
  township: string;
  lead: string;
  due_at: string | null;
  due_why: string;
  received_at: string;
  closed_at: string | null;
  lon: number | null;
  lat: number | null;
  answerable: string;
  grid: string;
  /** The unit that is complained of; empty for none. */
  about_unit: string;
}
export interface TimelineRow {
  version: number;
  verb: string;
  text: string;
  unit: string;
  at: string;
  reason: string;
  note: string;
}
export interface PhotoRow {
  id: string;
  purpose: string;
}
export interface Grid {
  code: string;
  name: string;
  township: string;
  p: number;
  distance_m: number;
}
export interface TaskCard {
  id: string;
  no: string;
  title: string;
  matter: string;
  place: string;
  part: "lead" | "cooperating";
  unit: string;
  stage: string;
  stage_text: string;
  case_stage: string;
  duties: string;
  accept_due_at: string | null;
  arrive_due_at: string | null;
  due_at: string | null;
  arrived_at: string | null;
  arrived_in_time: boolean | null;
  arrival: string;
  platform: string;
  position: number | null;
  step: string;
  result: string;
  lon: number | null;
  lat: number | null;
}
export interface CheckCard {
  id: string;
  no: string;
  title: string;
  place: string;
  result?: string;
  question?: string;
  words?: string[];
  due_at: string;
  lon: number | null;
  lat: number | null;
}
export interface TaskPageAnswer {
  items: TaskCard[];
  checks: CheckCard[];
  verifications: CheckCard[];
  next: string | null;
}
export interface CaseView {
  case: Card;
  lead_phone: string;
  place: string;
  confirm: Grid[];
  result: string;
  why: { code: string; reason: string }[];
  timeline: TimelineRow[];
  photos: PhotoRow[];
  may: string[];
  merged_into: string;
  survivor: CaseView | null;
  notice: string[];
}
export interface ProcessStep {
  position: number;
  unit: string;
  step: string;
  state: "waiting" | "open" | "done" | "waived";
  state_text: string;
  due_at: string | null;
  by_lead: boolean;
}
export interface TaskView {
  task: TaskCard;
  others: TaskCard[];
  case: Card;
  process: ProcessStep[];
  words: string[];
  timeline: TimelineRow[];
  photos: PhotoRow[];
}
export interface Asked {
  id: string;
  what: string;
  what_text: string;
  unit: string;
  at: string;
  reason: string;
  granted: boolean | null;
  answer: string;
}
/** A case as those see it who work on it. */
export interface WorkView {
  case: Card;
  place: string;
  words: string[];
  waits_for: { code: string; reason: string }[];
  result: string;
  tasks: TaskCard[];
  process: ProcessStep[];
  asked: Asked[];
  timeline: TimelineRow[];
  photos: PhotoRow[];
  may: string[];
}
export interface Instruction {
  id: string;
  no: string;
  title: string;
  unit: string;
  text: string;
  at: string;
  reply_due_at: string;
  reply: string;
  replied_at: string | null;
}
export interface Shift {
  on_shift: boolean;
  until: string | null;
  now: ShiftRow;
  next: ShiftRow;
}
export interface ShiftRow {
  shift_text: string;
  starts_at: string;
  ends_at: string;
  sitters: { name: string }[];
}
