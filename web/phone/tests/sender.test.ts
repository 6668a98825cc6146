import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";

// The page's own globals, as far as these modules touch them.
vi.hoisted(() => {
  const kept = new Map<string, string>();
  Object.assign(globalThis, {
    navigator: {},
    addEventListener: () => undefined,
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    },
  });
});

import { Offline, Problem } from "@gridwhistle/common/api";
import { bodyOf, sendAll, type Outside, type Receipt } from "../src/queue/sender";
import {
  draft,
  drafts,
  photo,
  remove,
  save,
  savePhoto,
  StorageFull,
  type Deed,
  type Draft,
  type Report,
} from "../src/queue/store";
import { keep, session } from "@gridwhistle/common/session";

const silent = { changed: () => undefined };

function waiting(n: number, shots: string[] = []): Report {
  return {
    id: `00000000-0000-4000-8000-00000000000${n}`,
    owner: "7",
    state: "waiting",
    order: n,
    kind: "livelihood",
    text: `第${n}件`,
    matter: "",
    matterName: "",
    address: "",
    anonymous: true,
    fix: null,
    capturedAt: "2026-11-25T08:00:00.000Z",
    shots: shots.map((id) => ({ id })),
    tries: 0,
  };
}

/** An act on foot, with one photo. */
function resolving(n: number): Deed {
  const act = {
    path: `/m/v1/tasks/${n}/resolve`,
    body: { result: "换了灯头" },
    what: "办结",
    form: `task.${n}`,
    page: `/work/tasks/${n}`,
  };
  const { id, owner, state, order, text, tries } = waiting(n);
  const shots = { photos: [{ id: "a" }] };
  return { id, owner, state, order, text, tries, kind: "act", act: { ...act, shots } };
}

/** A server that keeps each report by its key, and may be told to fail. */
class Server implements Outside {
  reports = new Map<string, unknown>();
  nReceived = 0;
  uploads = 0;
  fail: (() => Error | null) | null = null;
  loseAnswers = 0;

  off: number | null = 0;

  async ahead(): Promise<number | null> {
    return this.off;
  }

  async upload(): Promise<string> {
    const error = this.fail?.();
    if (error) throw error;
    this.uploads += 1;
    return `photo-${this.uploads}`;
  }

  async send(path: string, body: unknown, key: string): Promise<Receipt> {
    const error = this.fail?.();
    if (error) throw error;
    this.nReceived += 1;
    if (path !== "/m/v1/reports") return this.act(path, body, key);
    const before = this.reports.get(key);
    if (before !== undefined) expect(body).toEqual(before);
    this.reports.set(key, body);
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new Offline("no answer");
    }
    return { no: `no-${key.slice(-1)}`, stage: "submitted", lead: null };
  }

  acts = new Map<string, unknown>();
  private keys = new Map<string, string>();

  private act(path: string, body: unknown, key: string): Receipt {
    if (this.keys.get(path) === key) return { no: "no-1", stage: "checking", lead: null };
    if (this.acts.has(path)) throw new Problem(409, "task.wrong_stage", "现在不能办结。");
    this.acts.set(path, body);
    this.keys.set(path, key);
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw new Offline("no answer");
    }
    return { no: "no-1", stage: "checking", lead: null };
  }
}

function signIn(id: string): void {
  const nobody = {
    roles: [],
    unit: null,
    grids: [],
    stands_in_for: [],
    bound: false,
    csrf: "",
    display_until: null,
    permissions: [],
  };
  const me = { id, name: "谁", ...nobody };
  keep({ token: `t${id}`, refresh: null, expires_at: "2027-01-01T00:00:00Z", me });
}

beforeEach(async () => {
  signIn("7");
  for (const old of await drafts("7")) await remove(old);
});

describe("the queue", () => {
  it("names the unit that is complained of, and none where none was chosen", async () => {
    const server = new Server();
    await save({ ...waiting(1), about: ["荣华派出所"] });
    await save({ ...waiting(2), about: [] });
    expect(await sendAll(silent, server)).toBe("done");
    expect(
      [...server.reports.values()].map((body) => (body as { about_unit?: string }).about_unit),
    ).toEqual(["荣华派出所", undefined]);
  });

  it("sends what waits in the order in which it was made", async () => {
    const server = new Server();
    for (const n of [2, 1, 3]) await save(waiting(n));
    expect(await sendAll(silent, server)).toBe("done");
    expect([...server.reports.keys()].map((key) => key.slice(-1))).toEqual(["1", "2", "3"]);
    expect(await drafts("7")).toMatchObject(
      ["no-1", "no-2", "no-3"].map((no) => ({ state: "delivered", no })),
    );
  });

  it("stays whole when an answer is lost, and the same body goes again", async () => {
    const server = new Server();
    server.loseAnswers = 2;
    await savePhoto("a", new Blob(["x"]));
    await save(waiting(1, ["a"]));
    expect(await sendAll(silent, server)).toBe("offline");
    expect(await sendAll(silent, server)).toBe("offline");
    expect(await sendAll(silent, server)).toBe("done");
    expect(server.nReceived).toBe(3);
    expect(server.reports.size).toBe(1);
    expect(server.uploads).toBe(1);
  });

  it("sends what is added while another is being sent, and nothing that was deleted meanwhile", async () => {
    const server = new Server();
    await savePhoto("a", new Blob(["x"]));
    await save(waiting(1, ["a"]));
    await save(waiting(2));
    const upload = server.upload.bind(server);
    server.upload = async () => {
      await save(waiting(3));
      await remove(waiting(2));
      return upload();
    };
    expect(await sendAll(silent, server)).toBe("done");
    expect([...server.reports.keys()].map((key) => key.slice(-1))).toEqual(["1", "3"]);
    expect((await drafts("7")).map((each) => each.state)).toEqual(["delivered", "delivered"]);
  });

  it("sends nothing more when somebody else signs in meanwhile, and goes on when its owner is back", async () => {
    const server = new Server();
    await savePhoto("a", new Blob(["x"]));
    await save(waiting(1, ["a"]));
    await save(waiting(2));
    const upload = server.upload.bind(server);
    server.upload = async () => {
      signIn("8");
      return upload();
    };
    expect(await sendAll(silent, server)).toBe("signed_out");
    expect(server.reports.size).toBe(0);
    signIn("7");
    expect(await sendAll(silent, server)).toBe("done");
    expect(server.reports.size).toBe(2);
  });

  it("breaks off what is half sent when somebody else signs in", async () => {
    const server = new Server();
    await save(waiting(1));
    server.send = (_path: string, _body: unknown, _key: string, signal?: AbortSignal) =>
      new Promise<Receipt>((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        signIn("8");
      });
    expect(await sendAll(silent, server)).toBe("signed_out");
    expect((await draft(waiting(1).id))?.state).toBe("waiting");
  });

  it("says of an answer that broke off that it waits, and why", async () => {
    const server = new Server();
    vi.spyOn(console, "error").mockImplementationOnce(() => undefined);
    server.fail = () => new TypeError("network error");
    await save(waiting(1));
    expect(await sendAll(silent, server)).toBe("offline");
    const [held] = await drafts("7");
    expect([held?.state, held?.trouble]).toEqual(["waiting", "出错了，请稍后再试。"]);
  });

  it("keeps no photo of what was delivered", async () => {
    await savePhoto("a", new Blob(["x"]));
    await save(waiting(1, ["a"]));
    expect(await sendAll(silent, new Server())).toBe("done");
    expect(await photo("a")).toBeUndefined();
  });

  it("sends an act on foot with its photos, once though the answer is lost", async () => {
    const server = new Server();
    server.loseAnswers = 1;
    await savePhoto("a", new Blob(["x"]));
    await save(resolving(1));
    expect(await sendAll(silent, server)).toBe("offline");
    expect(await sendAll(silent, server)).toBe("done");
    expect([...server.acts.values()]).toEqual([{ result: "换了灯头", photos: ["photo-1"] }]);
    expect((await drafts("7")).map((each) => each.state)).toEqual(["delivered"]);
  });

  it("holds no act for done that somebody else did while there was no network", async () => {
    const server = new Server();
    await savePhoto("a", new Blob(["x"]));
    await save(resolving(1));
    server.fail = () => new Offline("no network");
    expect(await sendAll(silent, server)).toBe("offline");
    server.fail = null;
    await server.send("/m/v1/tasks/1/resolve", {}, "another's");
    expect(await sendAll(silent, server)).toBe("done");
    expect((await drafts("7")).map((each) => [each.state, each.refusal?.code])).toEqual([
      ["refused", "task.wrong_stage"],
    ]);
    expect(await photo("a")).toBeDefined();
  });

  it("goes on with one that was being sent when the page was closed", async () => {
    const server = new Server();
    await save({ ...waiting(1), state: "sending" });
    expect(await sendAll(silent, server)).toBe("done");
    expect(server.reports.size).toBe(1);
  });

  it("is not held up by a refusal, keeps its words and says why", async () => {
    const server = new Server();
    let n = 0;
    server.fail = () => (n++ === 0 ? new Problem(422, "matter.unknown", "没有这个事项。") : null);
    await save(waiting(1));
    await save(waiting(2));
    expect(await sendAll(silent, server)).toBe("done");
    const [first, second] = await drafts("7");
    expect([first?.state, first?.refusal?.title, first?.text]).toEqual([
      "refused",
      "没有这个事项。",
      "第1件",
    ]);
    expect(second?.state).toBe("delivered");
  });

  it("waits, in order, while the server is not ready or the sign-in is over", async () => {
    for (const status of [401, 429, 503]) {
      const server = new Server();
      server.fail = () => new Problem(status, "x", "x");
      await save(waiting(1));
      await save(waiting(2));
      expect(await sendAll(silent, server)).toBe(status === 401 ? "signed_out" : "offline");
      expect((await drafts("7")).map((each) => each.state)).toEqual(["waiting", "waiting"]);
    }
  });

  it("sets the moment of capture right by the server's clock once, and says the same ever after", async () => {
    const server = new Server();
    server.off = -86_400_000; // this phone is a day ahead
    server.loseAnswers = 1;
    await save({ ...waiting(1), clock: "phone" });
    expect(await sendAll(silent, server)).toBe("offline");
    server.off = 0; // the clock was mended meanwhile
    expect(await sendAll(silent, server)).toBe("done");
    const [body] = [...server.reports.values()] as { captured_at: string }[];
    expect(body?.captured_at).toBe("2026-11-24T08:00:00.000Z");
  });

  it("sends from memory when the phone is full, and forgets nothing meanwhile", async () => {
    const server = new Server();
    const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await expect(savePhoto("full", new Blob(["x"]))).rejects.toThrow(StorageFull);
    await expect(save(waiting(1, ["full"]))).rejects.toThrow(StorageFull);
    expect((await drafts("7")).map((each) => each.text)).toEqual(["第1件"]);
    expect(await photo("full")).toBeDefined();
    expect(await sendAll(silent, server)).toBe("done");
    expect([server.uploads, server.reports.size]).toEqual([1, 1]);
    put.mockRestore();
  });

  it("holds what is written in memory where the browser opens no store, and asks for one again", async () => {
    const server = new Server();
    vi.resetModules();
    const store = await import("../src/queue/store");
    const open = vi.spyOn(IDBFactory.prototype, "open").mockImplementation(() => {
      throw new DOMException("Internal error opening backing store", "UnknownError");
    });
    await expect(store.save(waiting(1))).rejects.toThrow(store.StorageFull);
    expect((await store.drafts("7")).map((each) => each.text)).toEqual(["第1件"]);
    open.mockRestore();
    await store.save(waiting(1));
    expect(await sendAll(silent, server)).toBe("done");
    expect(server.reports.size).toBe(1);
  });

  it("sends what was settled on the spot with photos before and after", async () => {
    const server = new Server();
    await savePhoto("a", new Blob(["x"]));
    await savePhoto("b", new Blob(["y"]));
    await save({ ...waiting(1, ["a"]), handled: { result: "已清走", shots: [{ id: "b" }] } });
    expect(await sendAll(silent, server)).toBe("done");
    expect([...server.reports.values()]).toMatchObject([
      { photos: ["photo-1"], handled: { result: "已清走", photos: ["photo-2"] } },
    ]);
  });

  it("sends nobody else's reports, and none of a page being filled in", async () => {
    const server = new Server();
    await save({ ...waiting(1), owner: "8" });
    await save({ ...waiting(2), state: "editing" });
    expect(await sendAll(silent, server)).toBe("done");
    expect(server.reports.size).toBe(0);
    expect((await draft(waiting(2).id))?.state).toBe("editing");
    await remove({ ...waiting(1), owner: "8" });
  });

  it("knows an act that an earlier version of the page put there among the reports", async () => {
    const server = new Server();
    const { act } = resolving(1);
    await save({ ...waiting(1), act: { ...act, shots: {} } } as Draft);
    expect((await drafts("7")).map((each) => each.kind)).toEqual(["act"]);
    expect((await draft(waiting(1).id))?.kind).toBe("act");
    expect(await sendAll(silent, server)).toBe("done");
    expect((await drafts("7")).map((each) => each.state)).toEqual(["delivered"]);
  });

  it("says when nobody is signed in", async () => {
    keep(null);
    expect(session.value).toBeNull();
    expect(await sendAll(silent, new Server())).toBe("signed_out");
  });

  it("leaves out of a body what was not said", () => {
    expect(Object.keys(bodyOf(waiting(1))).sort()).toEqual(
      ["anonymous", "captured_at", "channel", "key", "kind", "photos", "text"].sort(),
    );
  });
});
