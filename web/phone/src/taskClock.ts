/** The one clock of a task that runs for what its unit has to do next. */
import { when } from "@gridwhistle/common/moments";
import type { TaskCard } from "@gridwhistle/common/openapi";
import { t } from "./texts/all";

export interface TaskClock {
  label: string;
  /** Since when and until when it runs. */
  from: string;
  until: string;
}

/** None once the task is done. */
export function clockOf(task: TaskCard): TaskClock | null {
  const { accept_due_at, arrive_due_at, due_at, accepted_at, dispatched_at: from } = task;
  if (task.done_at) return null;
  if (accept_due_at && task.may.includes("accept"))
    return { label: t.work.acceptBy(when(accept_due_at)), from, until: accept_due_at };
  if (arrive_due_at && !task.arrived_at) {
    const label = t.work.arriveBy(when(arrive_due_at));
    return { label, from: accepted_at ?? from, until: arrive_due_at };
  }
  return due_at ? { label: t.work.dueBy(when(due_at)), from, until: due_at } : null;
}
