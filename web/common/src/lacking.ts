/** What a browser may lack, whatever the DOM's types promise: without TLS, or an older one. */
export const lacking = {
  get locks(): LockManager | undefined {
    return navigator.locks;
  },
  get storage(): StorageManager | undefined {
    return navigator.storage;
  },
  get geolocation(): Geolocation | undefined {
    return navigator.geolocation;
  },
  get createImageBitmap(): typeof createImageBitmap | undefined {
    return globalThis.createImageBitmap;
  },
  /** Whether dialogs can be shown over the page by the browser itself. */
  get dialogs(): boolean {
    return "HTMLDialogElement" in globalThis && "showModal" in HTMLDialogElement.prototype;
  },
  get indexedDB(): IDBFactory | undefined {
    return globalThis.indexedDB;
  },
  get BroadcastChannel(): typeof BroadcastChannel | undefined {
    return globalThis.BroadcastChannel;
  },
  get caches(): CacheStorage | undefined {
    return globalThis.caches;
  },
};
