/** The acts on a case that need nothing but words, and how each is sent. */
import { post } from "@gridwhistle/common/api";
import type { Verb } from "@gridwhistle/common/openapi";

type Of = { params: { path: { no: string } } };

interface Plain {
  most: number;
  /** Without words it may be done as well. */
  free?: boolean;
  send: (of: Of, words: string) => Promise<unknown>;
}

export const PLAIN = {
  close: {
    most: 500,
    free: true,
    send: (of, note) => post("/m/v1/cases/{no}/close", { ...of, body: { note } }),
  },
  rework: {
    most: 500,
    send: (of, reason) => post("/m/v1/cases/{no}/rework", { ...of, body: { reason } }),
  },
  verify: {
    most: 500,
    send: (of, question) => post("/m/v1/cases/{no}/verify", { ...of, body: { question } }),
  },
  convene: {
    most: 500,
    free: true,
    send: (of, note) => post("/m/v1/cases/{no}/convene", { ...of, body: { note } }),
  },
  state: {
    most: 2000,
    send: (of, text) => post("/m/v1/cases/{no}/state", { ...of, body: { text } }),
  },
  resume: {
    most: 500,
    free: true,
    send: (of, note) => post("/m/v1/cases/{no}/resume", { ...of, body: { note } }),
  },
  urge: {
    most: 500,
    free: true,
    send: (of, text) => post("/m/v1/cases/{no}/urge", { ...of, body: { text } }),
  },
  supervise: {
    most: 500,
    free: true,
    send: (of, text) => post("/m/v1/cases/{no}/supervise", { ...of, body: { text } }),
  },
  redo: {
    most: 500,
    send: (of, reason) => post("/m/v1/cases/{no}/redo", { ...of, body: { reason } }),
  },
} as const satisfies Partial<Record<Verb, Plain>>;

export type PlainAct = keyof typeof PLAIN;
export const isPlain = (act: string): act is PlainAct => act in PLAIN;
