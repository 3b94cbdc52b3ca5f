import { describe, expect, test, vi } from "vitest";
import { sampleDevice, sampleHolder } from "../live/sample-device.js";
import { sampleSession } from "../session/sample-session.js";
import { statusesOf, statusOf } from "./status.js";
import { whyNoPicture } from "./why-no-picture.js";

vi.stubGlobal("isSecureContext", true);

/** Gives back the key and its values: what is tested is which sentence is chosen. */
const t = ((key: string, values?: object) => (values ? `${key} ${JSON.stringify(values)}` : key)) as never;
const session = sampleSession({ tenant: "lab", lab: "operator" });
const none = { error: undefined, offline: false, session };

describe("how a device is", () => {
  test("is its health until it is ready, then its lease", () => {
    expect(statusOf(sampleDevice({ state: "lost", lease: "leased" }), "u-ann")).toBe("lost");
    expect(statusOf(sampleDevice({ lease: "cleaning" }), "u-ann")).toBe("cleaning");
    expect(statusOf(sampleDevice(), "u-ann")).toBe("free");
  });

  test("tells one's own phones from those of others", () => {
    const leased = sampleDevice({ lease: "leased", holder: sampleHolder() });
    expect(statusOf(leased, "u-ann")).toBe("yours");
    expect(statusOf(leased, "u-bob")).toBe("taken");
    expect(statusOf(leased, undefined)).toBe("taken");
  });

  test("is quarantined also while the phone itself is well", () => {
    const quarantine = { reason: "An account was left.", since: 0 };
    expect(statusOf(sampleDevice({ quarantine }), "u-ann")).toBe("quarantined");
    expect(statusesOf(sampleDevice({ state: "lost", quarantine }), "u-ann")).toEqual(["lost", "quarantined"]);
  });

  test("keeps health and lease apart where both are worth a word", () => {
    const lost = sampleDevice({ state: "lost", lease: "leased", holder: sampleHolder() });
    expect(statusesOf(lost, "u-ann")).toEqual(["lost", "yours"]);
    expect(statusesOf(sampleDevice({ state: "lost" }), "u-ann")).toEqual(["lost"]);
    expect(statusesOf(sampleDevice(), "u-ann")).toEqual(["free"]);
  });
});

describe("a phone that gets no route out", () => {
  const cutOff = { verified: 1, leadsOut: null };

  test("says so beside what else it is", () => {
    expect(statusesOf(sampleDevice({ isolated: true, isolation: cutOff }), "u-ann")).toEqual(["free", "isolated"]);
    const leased = sampleDevice({ isolated: true, isolation: cutOff, lease: "leased", holder: sampleHolder() });
    expect(statusesOf(leased, "u-ann")).toEqual(["yours", "isolated"]);
    expect(statusesOf(sampleDevice({ isolated: true, state: "lost" }), "u-ann")).toEqual(["lost", "isolated"]);
  });

  test.each([undefined, { verified: null, leadsOut: null }, { verified: 1, leadsOut: "It leads out by wlan0." }])(
    "is never called free while that is not so: %j",
    (isolation) => {
      const device = sampleDevice({ isolated: true, ...(isolation && { isolation }) });
      expect(statusesOf(device, "u-ann")).toEqual(["isolated"]);
    },
  );
});

describe("why there is no picture", () => {
  test("is nothing while there is one", () => {
    expect(whyNoPicture(t, sampleDevice(), none)).toBeUndefined();
    const warm = sampleDevice({ notices: [{ code: "hot", message: "It is hot." }] });
    expect(whyNoPicture(t, warm, none)).toBeUndefined();
  });

  test("is the reason of the device and since when, before what the stream says", () => {
    const lost = sampleDevice({ state: "lost", reason: "Its cable is out." });
    const error = { code: "device_not_ready", message: "" };
    expect(whyNoPicture(t, lost, { ...none, error })).toMatchObject({
      title: "picture.state.lost",
      reason: "Its cable is out.",
      since: expect.stringContaining("picture.since"),
    });
  });

  test("is the step a phone is at while it is being prepared", () => {
    const steps = [
      { name: "properties" as const, state: "done" as const, ms: 3 },
      { name: "awake" as const, state: "running" as const },
    ];
    expect(whyNoPicture(t, sampleDevice({ state: "preparing", steps }), none)?.reason).toContain('"at":2,"of":2');
  });

  test("is what the phone itself forbids or withholds", () => {
    const secure = sampleDevice({ notices: [{ code: "secure-window", message: "This app forbids capture." }] });
    expect(whyNoPicture(t, secure, none)).toMatchObject({
      title: "picture.blind.secure-window",
      reason: "This app forbids capture.",
    });
  });

  test("is that it is not one's to see: free ones for all but the lab, leased ones for other organisations", () => {
    const member = { ...none, session: sampleSession() };
    expect(whyNoPicture(t, sampleDevice(), member)).toMatchObject({ title: "picture.hidden.free", hidden: true });
    const held = sampleDevice({
      lease: "leased",
      holder: sampleHolder({ tenant: "globex", tenantName: "Globex", actorName: "Eve" }),
    });
    expect(whyNoPicture(t, held, none)?.reason).toContain("Globex");
    expect(whyNoPicture(t, sampleDevice({ lease: "leased", holder: sampleHolder() }), member)).toBeUndefined();
  });

  test("is the stream's error: its case where known, else the table's sentence, never an empty one", () => {
    const because = (code: string, detail?: string) =>
      whyNoPicture(t, sampleDevice(), { ...none, error: { code, message: "as sent", detail } })?.reason;
    expect(because("phone_failed", "No encoder.")).toBe("No encoder.");
    expect(because("device_timeout")).toContain("did not answer in time");
    expect(because("from_the_future")).toBe("as sent");
    expect(because("no_decoder")).toBe("picture.no_decoder");
  });
});
