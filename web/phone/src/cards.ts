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
