import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// Nobody is served this yet: the desk's rooms come into it one by one.
export default defineConfig({
  base: "/console/",
  build: { outDir: "dist", emptyOutDir: true, target: "chrome92" },
  plugins: [vue()],
});
