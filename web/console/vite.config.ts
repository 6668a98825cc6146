import vue from "@vitejs/plugin-vue";
import components from "unplugin-vue-components/vite";
import { defineConfig } from "vite";
import { packed } from "../common/src/packed";

// The server serves what is built here; a wheel of the project carries a copy.
const OUT = "dist";

/** `ElDatePicker` is `date-picker`. */
const kebab = (name: string): string => name.replace(/\B[A-Z]/g, "-$&").toLowerCase();

/** Each part of Element Plus by its own path: the whole of it is a third more to fetch. */
function byPath(name: string): { name: string; from: string; sideEffects: string[] } | undefined {
  if (!/^El[A-Z]/.test(name)) return undefined;
  const path = `element-plus/es/components/${kebab(name.slice(2))}`;
  return { name, from: `${path}/index.mjs`, sideEffects: [`${path}/style/css.mjs`] };
}

export default defineConfig({
  base: "/console/",
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "chrome92",
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  plugins: [
    vue(),
    components({ dts: false, dirs: [], resolvers: [{ type: "component", resolve: byPath }] }),
    packed(OUT),
  ],
});
