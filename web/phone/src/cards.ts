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
  answerable?: string;
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
  due_at: string;
  lon: number | null;
  lat: number | null;
}
export interface TaskPageAnswer {
  items: TaskCard[];
  checks: CheckCard[];
  verifications?: CheckCard[];
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
  merged_into?: string | null;
  notice?: string[];
}
