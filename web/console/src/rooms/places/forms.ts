/** What can be done to a generation of boundaries. */
import type { ActForm } from "../../acts/forms";
import { words } from "./words";

export const GENERATION_FORMS: Record<string, ActForm> = {
  publish: {
    path: "/s/v1/places/generations/{id}/publish",
    letter: "p",
    name: words.publish.name,
    fields: [
      { name: "starts_at", kind: "moment", label: words.publish.startsAt, free: true },
      { name: "drop_places", kind: "tick", label: words.publish.drop, free: true },
    ],
    thanks: words.publish.thanks,
    warns: words.publish.warns,
  },
};
