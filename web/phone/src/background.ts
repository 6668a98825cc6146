/**
 * What goes on behind every page: sending what waits, hearing of news, keeping the page for later.
 */
import { readMe } from "@gridwhistle/common/api";
import { stayConnected } from "@gridwhistle/common/live";
import { session } from "@gridwhistle/common/session";
import { watchNetwork } from "./queue/queue";
import { registerWorker } from "./worker";

watchNetwork();
stayConnected();
registerWorker();
// Offices may have changed since signing in; without a network they are as they were.
if (session.value) void readMe().catch(() => undefined);
