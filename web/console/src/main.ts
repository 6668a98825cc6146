import "@gridwhistle/common/tokens.css";
import "./tokens.css";
import "./style.css";
import { goOn } from "@gridwhistle/common/api";
import { VueQueryPlugin } from "@tanstack/vue-query";
import { createApp } from "vue";
import App from "./App.vue";
import { catchFiles } from "./dropped";
import { router } from "./router";
import { queries } from "./reading";
import { tellOtherTabs } from "./tabs";

tellOtherTabs();
catchFiles();
// The room is fetched while it is asked whose session this is.
const app = createApp(App).use(router).use(VueQueryPlugin, { queryClient: queries });
// Without a network the sign-in page says so when one tries.
void goOn()
  .catch(() => false)
  .then(() => app.mount("#app"));
