import { expect, test } from "vitest";
import { ref } from "vue";
import { useHeld } from "../src/rooms/cases/held";

const of = (...nos: string[]): { no: string }[] => nos.map((no) => ({ no }));
const nos = (rows: { no: string }[]): string => rows.map(({ no }) => no).join("");

test("under the pointer no row comes or goes, and further pages go on behind", () => {
  const found = ref(of("c", "b", "a"));
  const { rows, gone, nNew, hold, release } = useHeld(found);
  hold();
  found.value = of("e", "d", "c", "a");
  expect(nos(rows.value)).toBe("cba");
  expect([...gone.value]).toEqual(["b"]);
  expect(nNew.value).toBe(2);
  found.value = of("e", "d", "c", "a", "_");
  expect(nos(rows.value)).toBe("cba_");
  release();
  expect(nos(rows.value)).toBe("edca_");
  expect([nNew.value, gone.value.size]).toEqual([0, 0]);
});

test("what is held is shown as it is now", () => {
  const found = ref([{ no: "a", stage: "filed" }]);
  const { rows, hold } = useHeld(found);
  hold();
  found.value = [{ no: "a", stage: "closed" }];
  expect(rows.value[0]?.stage).toBe("closed");
});
