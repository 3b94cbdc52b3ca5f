import { type Build, type Job, PhonerackError } from "@phonerack/contract/api";
import { describe, expect, test, vi } from "vitest";
import { NO_COUNTS, sampleJob } from "../jobs/sample-job.js";
import { Dock, type DockParts, type DockRequest } from "./dock.js";

const file = (name: string, bytes = 10) => new File([new Uint8Array(bytes)], name);
const ended = (change: Partial<Job> = {}) =>
  sampleJob({ state: "ended", progress: 1, counts: { ...NO_COUNTS, done: 3 }, ...change });

function sampleDock(change: Partial<DockParts> = {}) {
  const requests: DockRequest[] = [];
  const built: string[][] = [];
  /** Each wait lasts until the test lets it end. */
  const waits: (() => void)[] = [];
  const parts: DockParts = {
    sendFile: async ({ name, size }, { onProgress }) => {
      onProgress(0.5);
      return { name, size, sha256: "ab".repeat(32) };
    },
    build: async (files) => {
      built.push(files.map(({ name }) => name));
      return { package: "dev.phonerack.notes", files: files.map((each) => ({ ...each })) } as unknown as Build;
    },
    start: async (request) => {
      requests.push(request);
      return sampleJob();
    },
    job: async () => ended(),
    wait: () => new Promise((done) => waits.push(done)),
    ...change,
  };
  return { dock: new Dock(parts), requests, built, waits };
}

const settle = () => new Promise((done) => setTimeout(done, 0));

/** A build of one file alone, as control answers: a split is none, and two bases are none together. */
async function readAlone(files: readonly { name: string }[]): Promise<Build> {
  const [first] = files;
  if (files.length > 1 || first?.name.startsWith("split")) throw new PhonerackError("apk_invalid", first?.name);
  return { package: `com.example.${first?.name.split(".")[0]}`, label: "App", versionName: "1", files: [] } as unknown as Build;
}

describe("the dock", () => {
  test("takes APKs of several apps each as its own, and says which was none", async () => {
    const { dock, requests } = sampleDock({ build: readAlone });
    dock.take([file("one.apk"), file("split.apk"), file("two.apk")], ["d-0001"]);
    await settle();
    expect(requests.map(({ action }) => "package" in action && action.package)).toEqual(["com.example.one", "com.example.two"]);
    expect(dock.items.map(({ stage }) => stage).sort()).toEqual(["failed", "working", "working"]);
    expect(dock.items.find(({ stage }) => stage === "failed")).toMatchObject({ title: "split.apk" });
  });

  test("sends three files at a time, however many were dropped", async () => {
    const sending: (() => void)[] = [];
    const sendFile: DockParts["sendFile"] = async ({ name, size }) => {
      await new Promise<void>((done) => sending.push(done));
      return { name, size, sha256: "ab".repeat(32) };
    };
    const { dock, requests } = sampleDock({ sendFile });
    dock.take(
      Array.from({ length: 30 }, (_, at) => file(`${at}.txt`)),
      ["d-0001"],
    );
    await settle();
    expect(sending).toHaveLength(3);
    dock.drop(dock.items.find(({ title }) => title === "3.txt")?.key ?? 0);
    for (let sent = 0; sent < 29; sent++) {
      sending[sent]?.();
      await settle();
      expect(sending.length).toBeLessThanOrEqual(sent + 4);
    }
    expect(requests).toHaveLength(29);
  });

  test("keeps builds without installing them", async () => {
    const { dock, requests, waits } = sampleDock({ build: readAlone });
    dock.keep([file("one.apk")], "a note");
    await settle();
    expect(dock.items).toMatchObject([{ stage: "ended", build: { package: "com.example.one" }, title: "App 1" }]);
    expect(requests).toEqual([]);
    waits.shift()?.();
    await settle();
    expect(dock.items).toEqual([]);
    dock.keep([file("app.aab")], "");
    await settle();
    expect(dock.items).toMatchObject([{ stage: "failed", error: { code: "aab_refused" } }]);
  });

  test("takes APKs that are dropped together as one build, and makes one job of it on all phones", async () => {
    const { dock, requests, built } = sampleDock();
    const stages: string[] = [];
    dock.subscribe(() => stages.push(dock.items[0]?.stage ?? "gone"));
    dock.take([file("base.apk"), file("split.apk")], ["d-0001", "d-0002"]);
    await settle();
    expect(built).toEqual([["base.apk", "split.apk"]]);
    expect(requests).toMatchObject([{ devices: ["d-0001", "d-0002"], action: { type: "install" }, agreed: false }]);
    expect([...new Set(stages)]).toEqual(["uploading", "reading", "working"]);
  });

  test("puts other files into the Download folders", async () => {
    const { dock, requests } = sampleDock();
    dock.take([file("notes.pdf", 7)], ["d-0001"]);
    await settle();
    expect(requests[0]?.action).toMatchObject({ type: "put", path: "/sdcard/Download/notes.pdf", size: 7 });
  });

  test("says why a bundle is refused, and sends nothing", async () => {
    const sendFile = vi.fn();
    const { dock } = sampleDock({ sendFile });
    dock.take([file("app.aab")], ["d-0001"]);
    expect(dock.items).toMatchObject([{ stage: "failed", error: { code: "aab_refused" } }]);
    expect(sendFile).not.toHaveBeenCalled();
  });

  test("follows a job to its end, and lets go of what went well", async () => {
    const { dock, waits } = sampleDock();
    dock.follow(sampleJob(), ["d-0001"]);
    waits.shift()?.();
    await settle();
    expect(dock.items).toMatchObject([{ stage: "ended", part: 1 }]);
    waits.shift()?.();
    await settle();
    expect(dock.items).toEqual([]);
  });

  test("keeps what went wrong until a person has seen it", async () => {
    const failed = ended({ counts: { ...NO_COUNTS, done: 2, failed: 1 } });
    const { dock, waits } = sampleDock({ job: async () => failed });
    dock.follow(sampleJob(), ["d-0001"]);
    waits.shift()?.();
    await settle();
    expect(waits).toEqual([]);
    const [item] = dock.items;
    expect(item).toMatchObject({ stage: "ended", job: { counts: { failed: 1 } } });
    dock.drop(item?.key ?? 0);
    expect(dock.items).toEqual([]);
  });

  test("asks before the fence closes on phones that nobody enrolled, and goes on with the same files", async () => {
    const { dock, requests, built } = sampleDock({
      start: async (request) => {
        requests.push(request);
        if (!request.agreed) throw new PhonerackError("fence_unagreed");
        return sampleJob();
      },
    });
    dock.take([file("a.apk")], ["d-0001"]);
    await settle();
    expect(dock.items).toMatchObject([{ stage: "asked" }]);
    dock.agree(dock.items[0]?.key ?? 0);
    await settle();
    expect(dock.items).toMatchObject([{ stage: "working", error: undefined }]);
    expect(requests.map(({ agreed }) => agreed)).toEqual([false, true]);
    expect(built).toHaveLength(1);
  });

  test("gives an upload up when told so: nothing is begun on the phones", async () => {
    const { dock, requests } = sampleDock({
      sendFile: (_, { signal }) => new Promise((_done, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
    });
    dock.take([file("a.apk")], ["d-0001"]);
    dock.drop(dock.items[0]?.key ?? 0);
    await settle();
    expect(dock.items).toEqual([]);
    expect(requests).toEqual([]);
  });

  test("begins a job by itself, and keeps why it was refused", async () => {
    const { dock, requests } = sampleDock();
    dock.begin({ devices: ["d-0001"], action: { type: "screenshot", frame: false } }, "Screenshot");
    await settle();
    expect(requests).toMatchObject([{ devices: ["d-0001"], agreed: false }]);
    expect(dock.items).toMatchObject([{ stage: "working" }]);
    const refusing = sampleDock({
      start: async () => {
        throw new PhonerackError("lease_required");
      },
    });
    refusing.dock.begin({ devices: ["d-0001"], action: { type: "reboot" } }, "Restart");
    await settle();
    expect(refusing.dock.items).toMatchObject([{ stage: "failed", title: "Restart", error: { code: "lease_required" } }]);
  });

  test("goes on looking while control is away, and not when the job is no more", async () => {
    const answers = [new PhonerackError("database_away"), new Error("no network"), new PhonerackError("job_not_found")];
    const { dock, waits } = sampleDock({
      job: async () => {
        throw answers.shift();
      },
    });
    dock.follow(sampleJob(), ["d-0001"]);
    for (let look = 0; look < 2; look++) {
      waits.shift()?.();
      await settle();
      expect(dock.items[0]?.stage).toBe("working");
    }
    waits.shift()?.();
    await settle();
    expect(dock.items).toMatchObject([{ stage: "failed", error: { code: "job_not_found" } }]);
  });
});
