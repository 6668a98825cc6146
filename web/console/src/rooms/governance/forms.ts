/** What can be done to a proposal and to an objection to a burden, besides writing the change. */
import type { ActForm, Field } from "../../acts/forms";
import { words } from "./words";

const w = words.forms;
const { warns } = words;
const PROPOSAL = "/s/v1/proposals/{id}";
const BURDEN = "/s/v1/burdens/{id}";
const text = (label: string, free = false): Field => ({
  name: "text",
  kind: "words",
  label,
  most: 4000,
  free,
});

export const PROPOSAL_FORMS: Record<string, ActForm> = {
  opine: {
    path: `${PROPOSAL}/opine`,
    letter: "o",
    name: w.opine,
    fields: [
      { name: "agrees", kind: "yes", label: w.agrees },
      text(w.opinion, true),
      { name: "unit", kind: "hidden", label: "" },
    ],
    thanks: w.opined,
    warns: warns.opine,
  },
  // Its form is the whole change: it is opened instead.
  amend: { path: "", letter: "m", name: w.amend, fields: [], thanks: "" },
  settle: {
    path: `${PROPOSAL}/settle`,
    letter: "s",
    name: w.settle,
    fields: [text(w.agreement)],
    thanks: w.settled,
    warns: warns.settle,
  },
  review: {
    path: `${PROPOSAL}/review`,
    letter: "r",
    name: w.review,
    fields: [text(w.remark)],
    thanks: w.reviewed,
    warns: warns.review,
  },
  approve: {
    path: `${PROPOSAL}/approve`,
    letter: "a",
    name: w.approve,
    fields: [text(w.approveNote, true)],
    thanks: w.approved,
    warns: warns.approve,
  },
  send_back: {
    path: `${PROPOSAL}/send-back`,
    letter: "b",
    name: w.sendBack,
    fields: [text(w.why)],
    thanks: w.sentBack,
    warns: warns.sendBack,
  },
  refuse: {
    path: `${PROPOSAL}/refuse`,
    letter: "x",
    name: w.refuse,
    fields: [text(w.why)],
    thanks: w.refused,
    warns: w.refuseWarns,
  },
  withdraw: {
    path: `${PROPOSAL}/withdraw`,
    letter: "w",
    name: w.withdraw,
    fields: [text(w.why)],
    thanks: w.withdrew,
    warns: w.withdrawWarns,
  },
};

const b = words.burden;
export const BURDEN_FORMS: Record<string, ActForm> = {
  answer: {
    path: `${BURDEN}/answer`,
    letter: "a",
    name: b.answer,
    fields: [text(b.words)],
    thanks: b.answered,
    warns: warns.answer,
  },
  rule: {
    path: `${BURDEN}/rule`,
    letter: "r",
    name: b.rule,
    fields: [{ name: "upheld", kind: "yes", label: b.upheld }, text(b.ruling)],
    thanks: b.ruled,
    warns: warns.rule,
  },
  withdraw: {
    path: `${BURDEN}/withdraw`,
    letter: "w",
    name: b.withdraw,
    fields: [text(b.why)],
    thanks: b.withdrew,
    warns: warns.takeBack,
  },
};
export const REGISTER_FORM: Record<string, ActForm> = {
  register: {
    path: "/s/v1/burdens",
    letter: "n",
    name: b.register,
    fields: [
      { name: "form", kind: "choice", label: b.form, options: b.forms },
      { name: "title", kind: "line", label: b.title, most: 120 },
      text(b.what),
      { name: "against", kind: "unit", label: b.whom },
      { name: "document", kind: "line", label: b.doc, most: 120, free: true },
    ],
    thanks: b.registered,
    warns: warns.register,
  },
};
