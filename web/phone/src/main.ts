import { createApp } from "vue";
import App from "./App.vue";
import { stayConnected } from "./live";
import { watchNetwork } from "./queue/queue";
import { router } from "./router";
import "./style.css";
import { registerWorker } from "./worker";

createApp(App).use(router).mount("#app");
watchNetwork();
stayConnected();
registerWorker();
