import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import HomePage from "./pages/HomePage.vue";
import { t } from "./texts/first";
import { allClosed } from "@gridwhistle/common/parts/dialogEntries";
import { session } from "@gridwhistle/common/session";

// Everything but the first page comes when it is asked for: the first must be there at once.
const routes: RouteRecordRaw[] = [
  { path: "/", component: HomePage, meta: { title: t.tabs.home } },
  { path: "/sign-in", component: () => import("./pages/SignInPage.vue") },
  { path: "/report", component: () => import("./pages/ReportPage.vue"), meta: { signedIn: true } },
  { path: "/queue", component: () => import("./pages/QueuePage.vue"), meta: { signedIn: true } },
  {
    path: "/receipt/:id",
    component: () => import("./pages/ReceiptPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/mine",
    component: () => import("./pages/MinePage.vue"),
    meta: { signedIn: true, title: t.tabs.mine },
  },
  { path: "/mine/:no", component: () => import("./pages/CasePage.vue"), meta: { signedIn: true } },
  {
    path: "/inbox",
    component: () => import("./pages/InboxPage.vue"),
    meta: { signedIn: true, title: t.tabs.inbox },
  },
  {
    path: "/work",
    component: () => import("./pages/WorkPage.vue"),
    meta: { signedIn: true, title: t.tabs.work },
  },
  {
    path: "/work/tasks",
    component: () => import("./pages/TasksPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/tasks/:id",
    component: () => import("./pages/TaskPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/checks/:id",
    component: () => import("./pages/CheckPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/verifications/:id",
    component: () => import("./pages/CheckPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/patrol",
    component: () => import("./pages/PatrolPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/call",
    component: () => import("./pages/CallPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/calls",
    component: () => import("./pages/CallsPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/calls/:id",
    component: () => import("./pages/ArrivalsPage.vue"),
    meta: { signedIn: true },
  },
  { path: "/work/map", component: () => import("./pages/GridPage.vue"), meta: { signedIn: true } },
  {
    path: "/work/cases/:no",
    component: () => import("./pages/WorkCasePage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/instructions",
    component: () => import("./pages/InstructionsPage.vue"),
    meta: { signedIn: true },
  },
  {
    path: "/work/proposals/:id",
    component: () => import("./pages/ProposalPage.vue"),
    meta: { signedIn: true },
  },
  { path: "/list", component: () => import("./pages/ListPage.vue") },
  { path: "/closed", component: () => import("./pages/ClosedPage.vue") },
  { path: "/settings", component: () => import("./pages/SettingsPage.vue") },
  { path: "/:rest(.*)", redirect: "/" },
];

export const router = createRouter({
  history: createWebHashHistory(),
  routes,
  // Back is where one was, forward at the top.
  scrollBehavior: (to, from, before) => before ?? (to.path !== from.path && { top: 0 }),
});

// A page with a name of its own says it in its bar.
router.afterEach((to, from, failed) => {
  if (failed || (to.path === from.path && from.matched.length)) return;
  const title = to.meta["title"] as string | undefined;
  document.title = title ? `${title} · ${t.app}` : t.app;
});
router.beforeEach(() => allClosed());

router.beforeEach((to) =>
  to.meta["signedIn"] && !session.value
    ? { path: "/sign-in", query: { then: to.fullPath } }
    : true,
);
