/** The acts on a case that need nothing but words, and how each is sent. */
import type { Verb } from "@gridwhistle/common/openapi";
import { perform, toDo } from "../../queue/acts";
import { t } from "../../texts/all";

type Of = { params: { path: { no: string } } };

interface Plain {
  most: number;
  /** Without words it may be done as well. */
  free?: boolean;
  asked: (of: Of, words: string) => ReturnType<typeof toDo>;
}

export const PLAIN = {
  close: {
    most: 500,
    free: true,
    asked: (of, note) => toDo("/m/v1/cases/{no}/close", of, { note }),
  },
  rework: {
    most: 500,
    asked: (of, reason) => toDo("/m/v1/cases/{no}/rework", of, { reason }),
  },
  verify: {
    most: 500,
    asked: (of, question) => toDo("/m/v1/cases/{no}/verify", of, { question }),
  },
  convene: {
    most: 500,
    free: true,
    asked: (of, note) => toDo("/m/v1/cases/{no}/convene", of, { note }),
  },
  state: {
    most: 2000,
    asked: (of, text) => toDo("/m/v1/cases/{no}/state", of, { text }),
  },
  resume: {
    most: 500,
    free: true,
    asked: (of, note) => toDo("/m/v1/cases/{no}/resume", of, { note }),
  },
  urge: {
    most: 500,
    free: true,
    asked: (of, text) => toDo("/m/v1/cases/{no}/urge", of, { text }),
  },
  supervise: {
    most: 500,
    free: true,
    asked: (of, text) => toDo("/m/v1/cases/{no}/supervise", of, { text }),
  },
  redo: {
    most: 500,
    asked: (of, reason) => toDo("/m/v1/cases/{no}/redo", of, { reason }),
  },
} as const satisfies Partial<Record<Verb, Plain>>;

export type PlainAct = keyof typeof PLAIN;
export const isPlain = (act: string): act is PlainAct => act in PLAIN;

/** Ask for an act on a case by the queue, from its form; answers what is said afterwards. */
export function onCase(
  act: keyof typeof t.todo.acts,
  no: string,
  asked: ReturnType<typeof toDo>,
  written: { form: string; words: string },
  thanks: string,
): Promise<string> {
  const { form, words } = written;
  const what = `${t.todo.acts[act]} · ${no}`;
  return perform({ ...asked, what, form, page: `/work/cases/${no}` }, words, thanks);
}
