import type { paths } from "@gridwhistle/common/openapi";

/** How the list of cases is narrowed. */
export type CasesQuery = NonNullable<paths["/s/v1/cases"]["get"]["parameters"]["query"]>;
