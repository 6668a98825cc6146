/** Large type, for whoever reads badly or stands in the sun; remembered where there is storage. */
import { ref, watch } from "vue";

const KEY = "gridwhistle.large";
export const large = ref(remembered());
watch(large, (on) => document.documentElement.toggleAttribute("data-large", on), {
  immediate: true,
});
watch(large, (on) => {
  try {
    localStorage.setItem(KEY, on ? "1" : "");
  } catch {
    // A browser without storage: large until the page is closed.
  }
});

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === "1";
  } catch {
    return false;
  }
}
