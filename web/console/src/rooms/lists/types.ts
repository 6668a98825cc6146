/** What the answers here are called. */
import type { AnswerOf } from "@gridwhistle/common/api";
import type { paths } from "@gridwhistle/common/openapi";

export type OneListType =
  paths["/s/v1/lists/{type}/versions"]["post"]["parameters"]["path"]["type"];
export type Draft = AnswerOf<"get", "/s/v1/lists/versions/{id}">;
