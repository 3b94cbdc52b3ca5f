/** `cmd location` and `dumpsys location`: AOSP's LocationShellCommand since Android 12; before, it only knows whether location is on. */
import type { Phone } from "../../phone/phone.js";
import type { Call } from "../command.js";

const REAL = ["passive", "gps", "network", "fused"] as const;
const TEST = new Set(["gps", "network", "fused"]);

export async function location(call: Call, [verb, ...args]: readonly string[]): Promise<number> {
  const { phone } = call;
  const { settings: store } = phone;
  if (phone.model.sdk < 31) return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  switch (verb) {
    case "is-location-enabled":
      return call.say(String(store.get("secure", "location_mode") !== "0"));
    case "set-location-enabled":
      store.put("secure", "location_mode", args[0] === "true" ? "3" : "0");
      return 0;
    case "providers":
      return providers(call, args);
    default:
      return call.complain(`Unknown command: ${verb ?? ""}`, 255);
  }
}

async function providers(call: Call, [verb, name = "", ...args]: readonly string[]): Promise<number> {
  const state = call.phone.location;
  if (!TEST.has(name)) return call.complain(`java.lang.IllegalArgumentException: provider "${name}" does not exist`, 255);
  // It says nothing where the app op is missing, and does nothing.
  if (!state.mayMock) return 0;
  const missing = () => call.complain(`java.lang.IllegalArgumentException: provider is not a test provider: ${name}`, 255);
  switch (verb) {
    case "add-test-provider":
      state.add(name);
      return 0;
    case "remove-test-provider":
      state.remove(name);
      return 0;
    case "set-test-provider-enabled":
      return state.change(name, { enabled: args[0] === "true" }) ? 0 : missing();
    case "set-test-provider-location": {
      const [latitude = Number.NaN, longitude = Number.NaN] = (args[args.indexOf("--location") + 1] ?? "").split(",").map(Number);
      if (Number.isNaN(latitude) || Number.isNaN(longitude)) return call.complain("java.lang.IllegalArgumentException", 255);
      return state.change(name, { at: { latitude, longitude } }) ? 0 : missing();
    }
    default:
      return call.complain(`Unknown command: providers ${verb ?? ""}`, 255);
  }
}

export function locationLines({ location: state, settings: store }: Phone): string[] {
  return [
    "Location Manager State:",
    "  User Info:",
    "    running users: u[0]",
    `  Location Setting: ${store.get("secure", "location_mode") !== "0"}`,
    "  Location Providers:",
    ...REAL.flatMap((name) => {
      const madeUp = state.providers.get(name);
      const at = madeUp?.at;
      return [
        `    ${name} provider${madeUp ? " [mock]" : ""}:`,
        "      user 0:",
        `        last location=${at ? `Location[${name} ${at.latitude.toFixed(6)},${at.longitude.toFixed(6)} hAcc=5.0 mock]` : "null"}`,
        `        enabled=${madeUp ? madeUp.enabled : name === "passive"}`,
      ];
    }),
  ];
}
