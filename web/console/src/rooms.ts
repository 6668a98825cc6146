/**
 * The rooms of the desk. Each is a folder below `rooms/`, fetched when it is first entered;
 * whoever has one of its permissions finds it in the menu.
 */
import { defineAsyncComponent, type Component } from "vue";
import type AppIcon from "@gridwhistle/common/AppIcon.vue";
import type { Permission } from "@gridwhistle/common/openapi";
import { t } from "./texts";

export interface Room {
  /** The folder's name. */
  name: keyof typeof t.rooms;
  /** Its address below /console/, with what it takes from there. */
  path: `/${string}`;
  mark: InstanceType<typeof AppIcon>["$props"]["name"];
  /** Any of them shows it; a room of everybody says so. */
  permissions: Permission[] | "everybody";
  page: () => Promise<{ default: Component }>;
  /** What stands below it in the menu. */
  below?: Component;
}

export const ROOMS: Room[] = [
  {
    name: "work",
    path: "/work",
    mark: "work",
    permissions: "everybody",
    page: () => import("./rooms/work/WorkPage.vue"),
  },
  {
    name: "cases",
    path: "/cases/:no?",
    mark: "rows",
    permissions: ["case.read"],
    page: () => import("./rooms/cases/CasesPage.vue"),
    below: defineAsyncComponent(() => import("./rooms/cases/views/SavedViews.vue")),
  },
  {
    name: "intake",
    path: "/intake/:no?",
    mark: "inbox",
    permissions: ["case.file"],
    page: () => import("./rooms/intake/IntakePage.vue"),
  },
  {
    name: "dispatch",
    path: "/dispatch/:no?",
    mark: "more",
    permissions: ["case.dispatch", "case.decide"],
    page: () => import("./rooms/dispatch/DispatchPage.vue"),
  },
  {
    name: "call",
    path: "/call/:part?",
    mark: "phone",
    permissions: ["case.call", "roster.read"],
    page: () => import("./rooms/call/CallPage.vue"),
  },
  {
    name: "lists",
    path: "/lists/:part?/:id?",
    mark: "mine",
    permissions: ["list.read"],
    page: () => import("./rooms/lists/ListsPage.vue"),
  },
  {
    name: "governance",
    path: "/governance/:part?/:id?",
    mark: "done",
    permissions: ["proposal.read", "burden.read"],
    page: () => import("./rooms/governance/GovernancePage.vue"),
  },
  {
    name: "replay",
    path: "/replay",
    mark: "again",
    permissions: ["list.replay"],
    page: () => import("./rooms/replay/ReplayPage.vue"),
  },
  {
    name: "places",
    path: "/places/:part?/:id?",
    mark: "home",
    permissions: ["place.manage", "case.rebind"],
    page: () => import("./rooms/places/PlacesPage.vue"),
  },
  {
    name: "command",
    path: "/command",
    mark: "screen",
    permissions: ["case.urge", "case.call"],
    page: () => import("./rooms/command/CommandPage.vue"),
  },
  {
    name: "board",
    path: "/board",
    mark: "eye",
    permissions: ["case.watch"],
    page: () => import("./rooms/board/BoardPage.vue"),
  },
  {
    name: "figures",
    path: "/figures",
    mark: "development",
    permissions: ["case.watch", "proposal.read"],
    page: () => import("./rooms/figures/FiguresPage.vue"),
  },
  {
    name: "diligence",
    path: "/diligence/:no?",
    mark: "enforcement",
    permissions: ["diligence.read"],
    page: () => import("./rooms/diligence/DiligencePage.vue"),
  },
  {
    name: "people",
    path: "/people/:unit?",
    mark: "person",
    permissions: ["account.manage", "unit.reorganise", "leave.manage"],
    page: () => import("./rooms/people/PeoplePage.vue"),
  },
  {
    name: "operation",
    path: "/operation",
    mark: "gear",
    permissions: ["delivery.read", "calendar.read"],
    page: () => import("./rooms/operation/OperationPage.vue"),
  },
];

/** Where a room begins, without what its address may name. */
export const start = (room: Room): string => room.path.replace(/\/:.*/, "");

export function shownTo(permitted: ReadonlySet<Permission>): Room[] {
  return ROOMS.filter((room) => isOpen(room, permitted));
}

export function isOpen(room: Room, permitted: ReadonlySet<Permission>): boolean {
  if (room.permissions === "everybody") return true;
  return room.permissions.some((each) => permitted.has(each));
}
