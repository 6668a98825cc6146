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
  get caches(): CacheStorage | undefined {
    return globalThis.caches;
  },
};
