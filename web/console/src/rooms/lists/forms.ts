/** What can be done to a version of a list, and to the words of an entry. */
import type { ActForm } from "../../acts/forms";
import { words } from "./words";

const w = words.version.forms;
const VERSION = "/s/v1/lists/versions/{id}";

export const VERSION_FORMS: Record<string, ActForm> = {
  review: {
    path: `${VERSION}/review`,
    letter: "r",
    name: w.review,
    fields: [],
    thanks: w.reviewed,
  },
  publish: {
    path: `${VERSION}/publish`,
    letter: "p",
    name: w.publish,
    fields: [
      { name: "starts_at", kind: "moment", label: w.startsAt, free: true },
      { name: "leave_open", kind: "tick", label: w.leaveOpen, free: true },
      { name: "leave_proposals", kind: "tick", label: w.leaveProposals, free: true },
      { name: "order", kind: "line", label: w.order, most: 120, free: true },
    ],
    thanks: w.published,
    warns: w.publishWarns,
  },
  take_back: {
    path: `${VERSION}/take-back`,
    letter: "b",
    name: w.takeBack,
    fields: [],
    thanks: w.tookBack,
  },
  withdraw: {
    path: `${VERSION}/withdraw`,
    letter: "x",
    name: w.withdraw,
    fields: [],
    thanks: w.withdrew,
    warns: w.withdrawWarns,
  },
};
/** Which permission each needs. */
export const VERSION_PERMISSIONS = {
  review: "list.manage",
  withdraw: "list.manage",
  publish: "list.publish",
  take_back: "list.publish",
} as const;

export const WORD_FORMS: Record<string, ActForm> = {
  words: {
    path: "/s/v1/entries/{id}/words",
    letter: "w",
    name: words.word.change,
    fields: [
      { name: "add", kind: "lines", label: words.word.add, free: true },
      { name: "hide", kind: "lines", label: words.word.hide, free: true },
    ],
    thanks: words.word.changed,
  },
};
