import { allClosed } from "@gridwhistle/common/parts/dialogEntries";
import { createRouter, createWebHistory } from "vue-router";
import { ROOMS } from "./rooms";

/** Addresses are plain ones below /console/: what a room shows can be sent to a colleague. */
export const router = createRouter({
  history: createWebHistory("/console/"),
  routes: [
    { path: "/", redirect: "/work" },
    ...ROOMS.map((room) => ({
      path: room.path,
      name: room.name,
      component: room.page,
      meta: { room },
    })),
    { path: "/settings", component: () => import("./shell/SettingsPage.vue") },
    { path: "/:rest(.*)", component: () => import("./shell/MissingPage.vue") },
  ],
});

// What lies over a room goes first.
router.beforeEach(() => allClosed());
