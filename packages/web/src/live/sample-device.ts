/** A device for tests: ready, free, in slot 1; change what the test is about. */
import type { Device, Holder } from "@phonerack/contract/api";

export function sampleDevice(change: Partial<Device> = {}): Device {
  return {
    id: "d-0001",
    agentId: "agent-1",
    reach: "virtual",
    address: "tcp:127.0.0.1:5555",
    chassis: "C01",
    slot: 1,
    serial: "VP1",
    manufacturer: "phonerack",
    model: "V3",
    release: "12",
    sdk: 31,
    screen: { width: 1080, height: 2400, density: 420, rotation: 0 },
    battery: { level: 80, charging: true, temperature: 30 },
    foreground: { package: "dev.phonerack.launcher", activity: ".Home" },
    state: "ready",
    reason: null,
    since: 0,
    steps: [],
    notices: [],
    audio: true,
    name: "C01-01",
    lease: "free",
    holder: null,
    quarantine: null,
    support: null,
    site: null,
    rack: null,
    labels: [],
    tenant: null,
    isolated: false,
    hold: { epoch: 0, phase: "free", note: null },
    doubt: null,
    watchers: 0,
    ...change,
  };
}

/** Whose a leased one is: Ann's of Acme, from the beginning of time for an hour. */
export function sampleHolder(change: Partial<Holder> = {}): Holder {
  return {
    lease: "l-aaaaaaaaaa",
    tenant: "acme",
    tenantName: "Acme",
    actor: "u-ann",
    actorName: "Ann",
    purpose: "",
    from: 0,
    until: 3_600_000,
    idleAt: null,
    confirmBy: null,
    ...change,
  };
}

/** A thousand of them stand in fifty chassis of twenty. */
export function sampleDevices(count: number): Device[] {
  return Array.from({ length: count }, (_, at) => {
    const chassis = `C${String(Math.floor(at / 20) + 1).padStart(2, "0")}`;
    const slot = (at % 20) + 1;
    return sampleDevice({
      id: `d-${String(at).padStart(4, "0")}`,
      chassis,
      slot,
      name: `${chassis}-${String(slot).padStart(2, "0")}`,
    });
  });
}
