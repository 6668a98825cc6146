import { ref, watch } from "vue";

/** Large type, for whoever reads badly or stands in the sun; remembered. */
export const large = ref(localStorage.getItem("gridwhistle.large") === "1");
watch(
  large,
  (on) => {
    document.documentElement.toggleAttribute("data-large", on);
    localStorage.setItem("gridwhistle.large", on ? "1" : "0");
  },
  { immediate: true },
);
