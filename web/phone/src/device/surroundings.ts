/** What the browser withholds here, known at once: said on the first screen. */
import { lacking } from "@gridwhistle/common/lacking";

/** Without TLS there is neither position nor service worker. */
export const plain = !isSecureContext;

/** Whether what is typed and who is signed in outlive the page. */
export const stores = keeps();

function keeps(): boolean {
  const name = "gridwhistle.tried";
  try {
    localStorage.setItem(name, "1");
    localStorage.removeItem(name);
    return lacking.indexedDB !== undefined;
  } catch {
    return false;
  }
}
