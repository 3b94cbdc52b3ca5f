import { describe, expect, test, vi } from "vitest";
import { DeviceStore } from "./device-store.js";
import { sampleDevice, sampleDevices } from "./sample-device.js";

describe("the device store", () => {
  test("knows nothing before the first answer, and an empty list after an empty one", () => {
    const store = new DeviceStore();
    expect(store.list).toBeUndefined();
    store.apply({ type: "devices", devices: [] });
    expect(store.list).toEqual([]);
  });

  test("tells only those who show the device that changed", () => {
    const store = new DeviceStore();
    store.apply({ type: "devices", devices: sampleDevices(1_000) });
    const told = sampleDevices(1_000).map(({ id }) => {
      const listener = vi.fn();
      store.subscribeTo(id, listener);
      return listener;
    });
    store.apply({ type: "changes", devices: [sampleDevice({ id: "d-0007", watchers: 2 })], gone: [] });
    expect(told.flatMap((listener, at) => (listener.mock.calls.length > 0 ? at : []))).toEqual([7]);
    expect(store.get("d-0007")?.watchers).toBe(2);
  });

  test("gives the same list until something changes", () => {
    const store = new DeviceStore();
    store.apply({ type: "devices", devices: sampleDevices(3) });
    const { list } = store;
    store.apply({ type: "pong", at: 1 });
    expect(store.list).toBe(list);
    store.apply({ type: "changes", devices: [], gone: ["d-0001"] });
    expect(store.list?.map(({ id }) => id)).toEqual(["d-0000", "d-0002"]);
  });

  test("forgets on a new whole list what is no longer in it", () => {
    const store = new DeviceStore();
    store.apply({ type: "devices", devices: sampleDevices(3) });
    const gone = vi.fn();
    store.subscribeTo("d-0002", gone);
    store.apply({ type: "devices", devices: sampleDevices(2) });
    expect(store.get("d-0002")).toBeUndefined();
    expect(gone).toHaveBeenCalledOnce();
  });

  test("orders names as people count: 2 before 10", () => {
    const store = new DeviceStore();
    const named = (name: string, id: string) => sampleDevice({ name, id });
    store.apply({
      type: "devices",
      devices: [named("phone 10", "d-0001"), named("phone 2", "d-0002"), named("Phone 1", "d-0003")],
    });
    expect(store.list?.map(({ name }) => name)).toEqual(["Phone 1", "phone 2", "phone 10"]);
  });

  test("tells nobody who has left", () => {
    const store = new DeviceStore();
    const listener = vi.fn();
    store.subscribe(listener)();
    store.subscribeTo("d-0000", listener)();
    store.apply({ type: "devices", devices: sampleDevices(1) });
    expect(listener).not.toHaveBeenCalled();
  });
});
