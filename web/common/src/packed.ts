import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { Plugin } from "vite";

/**
 * Puts a packed `.br` beside whatever packs well; after a service worker was written, which is
 * packed too.
 */
export const packed = (folder: string): Plugin => ({
  name: "packed",
  closeBundle: {
    order: "post",
    handler() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        if (!/\.(html|js|css|svg|webmanifest)$/.test(name)) continue;
        const file = join(folder, name);
        writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
      }
    },
  },
});
