/** Words into the clipboard, also where the page may not write to it by itself. */
export async function copy(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return selected(words);
  }
}

/** By a field that is selected: over plain http and in older browsers there is no other way. */
function selected(words: string): boolean {
  const field = document.createElement("textarea");
  field.value = words;
  field.readOnly = true;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else is there
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
