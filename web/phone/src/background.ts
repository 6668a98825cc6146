/** What goes on behind every page: sending what waits, hearing of news, keeping the page for later. */
import { stayConnected } from "@gridwhistle/common/live";
import { watchNetwork } from "./queue/queue";
import { registerWorker } from "./worker";

watchNetwork();
stayConnected();
registerWorker();
