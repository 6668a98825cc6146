/** The present moment as pages show it: it goes on while one looks. */
import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";
import { moment } from "../api";

const STEP = 15_000;

/** By the server's clock, as far as that is known. */
export function ticking(): Ref<string> {
  const now = ref(moment());
  let again: ReturnType<typeof setInterval> | undefined;
  onMounted(() => (again = setInterval(() => (now.value = moment()), STEP)));
  onBeforeUnmount(() => clearInterval(again));
  return now;
}
