/** Pictures of photos while they are shown: fetched with the token, given back at the end. */
import { onBeforeUnmount, ref, watch, type Ref } from "vue";
import { picture } from "../api";

/** A copy may not be ready yet, where a photo has just come: asked for again so often. */
const TRIES = 5;
const PAUSE = 3_000;

/** Where each of these photos can be shown from, as far as it is there; by the photo's id. */
export function usePictures(wanted: () => string[]): Ref<Record<string, string>> {
  const urls = ref<Record<string, string>>({});
  let again: ReturnType<typeof setTimeout> | undefined;
  let gone = false;

  async function show(tries: number): Promise<void> {
    clearTimeout(again);
    let missing = false;
    for (const id of wanted()) {
      if (urls.value[id]) continue;
      try {
        const url = await picture(id);
        if (gone || urls.value[id]) URL.revokeObjectURL(url);
        else urls.value[id] = url;
      } catch {
        missing = true; // or not ours to see: it is left out
      }
    }
    if (missing && tries > 1 && !gone) again = setTimeout(() => void show(tries - 1), PAUSE);
  }
  watch(wanted, () => void show(TRIES), { immediate: true });
  onBeforeUnmount(() => {
    gone = true;
    clearTimeout(again);
    Object.values(urls.value).forEach((url) => URL.revokeObjectURL(url));
  });
  return urls;
}
