import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { atOnce } from "../common/src/atOnce";
import { packed } from "../common/src/packed";

// The server serves what is built here; a wheel of the project carries a copy.
const OUT = "dist";

/**
 * Vant's icon font names a second source on somebody else's server; no page of ours asks anybody
 * else.
 */
const ownSourcesOnly: Plugin = {
  name: "own-sources-only",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
      const css =
        typeof file.source === "string" ? file.source : new TextDecoder().decode(file.source);
      file.source = css.replace(/,\s*url\(["']?(?:https?:)?\/\/[^)]*\)\s*format\([^)]*\)/g, "");
    }
  },
};

export default defineConfig({
  base: "/",
  // Nothing here is written by options, and what the devtools hook into is not for phones.
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2020",
    assetsInlineLimit: 0,
    sourcemap: false,
  },
  plugins: [
    vue(),
    ownSourcesOnly,
    atOnce,
    VitePWA({
      registerType: "prompt",
      injectRegister: false,
      manifest: {
        name: "网格哨",
        short_name: "网格哨",
        description: "拍照上报,件件有人管",
        lang: "zh-CN",
        start_url: "/",
        scope: "/",
        display: "standalone",
        background_color: "#ededed",
        theme_color: "#0b6b50",
        icons: [
          { src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "any maskable" },
        ],
      },
      workbox: {
        globPatterns: ["**/*.{js,css,html,svg,png,woff2}"],
        // The first visit is served by it too; a later version waits to be asked for.
        clientsClaim: true,
        navigateFallback: "/index.html",
        navigateFallbackAllowlist: [/^\/$/],
        runtimeCaching: [
          {
            // The county's map and list change with a publication: shown from here, renewed
            // behind.
            urlPattern: ({ url }) =>
              /^\/m\/v1\/public\/(places\.geojson|matters)$/.test(url.pathname),
            handler: "StaleWhileRevalidate",
            options: {
              cacheName: "county",
              expiration: { maxEntries: 30 },
              cacheableResponse: { statuses: [200] },
            },
          },
          {
            urlPattern: ({ url }) => url.pathname.startsWith("/m/v1/public/"),
            handler: "NetworkFirst",
            options: {
              cacheName: "public",
              expiration: { maxEntries: 30 },
              cacheableResponse: { statuses: [200] },
            },
          },
        ],
      },
    }),
    packed(OUT),
  ],
});
