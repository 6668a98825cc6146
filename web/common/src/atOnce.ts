import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const EXPORTS = /export\{([^}]*)\};?\s*$/;
const GLOBAL = "__first";

/** What the entry gives to the parts that come later: by their names there. */
function given(code: string): { code: string; later: string } {
  const [whole = "", list = ""] = EXPORTS.exec(code) ?? [];
  const pairs = list.split(",").map((each) => {
    const [own = "", as = own] = each.trim().split(" as ");
    return { own, as };
  });
  const object = pairs.map(({ own, as }) => `${as}:${own}`).join();
  // A name that is a word of the language can be exported, but not declared.
  const taken = pairs.map(({ as }, n) => `e${n}=f.${as}`).join();
  const exported = pairs.map(({ as }, n) => `e${n} as ${as}`).join();
  return {
    code: `${code.replace(whole, "")}globalThis.${GLOBAL}={${object}};`,
    later: `const f=globalThis.${GLOBAL},${taken};export{${exported}};`,
  };
}

/**
 * Puts the entry's script and styles into the page itself: a phone far away has the first screen
 * after one round trip. What comes later finds under the entry's old name what the page has.
 */
export const atOnce: Plugin = {
  name: "at-once",
  enforce: "post",
  // On the disk: only there has every other plugin had its say.
  writeBundle({ dir = "" }, bundle) {
    const entry = Object.values(bundle).find((each) => each.type === "chunk" && each.isEntry);
    if (!entry) return;
    const page = join(dir, "index.html");
    let html = readFileSync(page, "utf8");
    html = html.replace(/ *<link rel="stylesheet"[^>]*href="\/([^"]+)"[^>]*>\n?/, (_tag, name) => {
      const styles = join(dir, String(name));
      const said = readFileSync(styles, "utf8").trim();
      // What comes later asks for it all the same, where it was built to stand on it.
      writeFileSync(styles, "");
      return `    <style>${said}</style>\n`;
    });
    const { code, later } = given(readFileSync(join(dir, entry.fileName), "utf8"));
    const script = code.replace(/\bimport\(([`"'])\.\//g, "import($1/assets/").trim();
    if (script.includes("</script")) throw new Error("the script would end early");
    html = html.replace(/ *<script type="module"[^>]*><\/script>\n?/, "");
    // Last, so that what is seen first does not wait for it.
    const whole = `<script type="module">${script}</script>\n</body>`;
    writeFileSync(
      page,
      html.replace("</body>", () => whole),
    );
    writeFileSync(join(dir, entry.fileName), later);
  },
};
