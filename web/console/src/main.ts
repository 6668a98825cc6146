import "@gridwhistle/common/tokens.css";
import { createApp } from "vue";
import App from "./App.vue";

createApp(App).mount("#app");
