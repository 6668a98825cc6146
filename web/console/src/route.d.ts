import "vue-router";
import type { Room } from "./rooms";

declare module "vue-router" {
  interface RouteMeta {
    /** The room that an address belongs to. */
    room?: Room;
  }
}
