/** A file dropped beside its field would open in place of the desk: it is caught, and said. */
import { say } from "./acts/undo";
import { t } from "./texts";

/** Whether it is a file that no field of the page takes. */
function isStray(event: DragEvent): boolean {
  const { target, dataTransfer, defaultPrevented } = event;
  const own = target instanceof HTMLInputElement && target.type === "file";
  return !defaultPrevented && !own && (dataTransfer?.types.includes("Files") ?? false);
}

export function catchFiles(): void {
  document.addEventListener("dragover", (event) => {
    if (isStray(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!isStray(event)) return;
    event.preventDefault();
    say(t.file.beside, true);
  });
}
