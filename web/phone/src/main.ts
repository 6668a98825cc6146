import { createApp } from "vue";
import App from "./App.vue";
import "./device/largeType";
import { router } from "./router";
import "@gridwhistle/common/tokens.css";
import "./style.css";

/**
 * So long after its first frame the first screen can be used: it must not wait for what goes on
 * behind.
 */
const FIRST_SCREEN = 200;

createApp(App).use(router).mount("#app");
requestAnimationFrame(() => setTimeout(() => void import("./background"), FIRST_SCREEN));
