import { createApp } from "vue";
import App from "./App.vue";
import { router } from "./router";
import "./style.css";

/** By then the first screen stands: it needs nothing of what goes on behind, and must not wait for it. */
const FIRST_SCREEN = 200;

createApp(App).use(router).mount("#app");
setTimeout(() => void import("./background"), FIRST_SCREEN);
