/** Tabs of the desk in one browser share its session, but each knows by itself whose it is. */
import { watch } from "vue";
import { goOn } from "@gridwhistle/common/api";
import { lacking } from "@gridwhistle/common/lacking";
import { session } from "@gridwhistle/common/session";

/** Say in other tabs who is signed in now, and hear it of them. */
export function tellOtherTabs(): void {
  const { BroadcastChannel: Channel } = lacking;
  if (!Channel) return;
  const channel = new Channel("gridwhistle.desk");
  let heard = "";
  watch(
    () => said(),
    (now) => {
      if (now !== heard) channel.postMessage(now);
    },
  );
  channel.onmessage = ({ data }: MessageEvent<string>) => {
    heard = data;
    const mine = session.value?.me.id;
    // Somebody else's: nothing of the first person's page may stay.
    if (mine && data.split(" ")[0] !== mine) location.reload();
    else void goOn().catch(() => undefined);
  };
}

const said = (): string => {
  const me = session.value?.me;
  return me ? `${me.id} ${me.csrf}` : "";
};
