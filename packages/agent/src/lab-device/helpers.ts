/**
 * Accessibility services and keyboards: what acts in other apps in a person's name, past every gate. Those that were on when a lease began, the phone's own, and those of
 * apps that an operator approved may stay on while it lasts; any other is switched off again.
 */
import { quoted } from "../cleaning/ask.js";

export interface Helpers {
  /** As Android's setting lists them, `package/class`. */
  readonly services: readonly string[];
  /** The keyboard in use, by its component; "" where the phone does not say. */
  readonly keyboard: string;
}

/** A line for each. */
export const HELPERS_COMMAND = "settings get secure enabled_accessibility_services; settings get secure default_input_method";

/** undefined: the phone did not answer both. */
export function readHelpers(printed: readonly string[]): Helpers | undefined {
  const [services, keyboard] = printed.map((line) => line.trim());
  if (services === undefined || keyboard === undefined) return undefined;
  const listed = services === "null" ? [] : services.split(":").filter((name) => name.includes("/"));
  return { services: listed.slice(0, 100), keyboard: keyboard === "null" ? "" : keyboard };
}

export function packageOf(component: string): string {
  return component.split("/", 1)[0] ?? "";
}

/** What switches these off and leaves the rest; their apps are stopped, since a service that is bound goes on for a moment. */
export function switchedOff(now: Helpers, { strange, keyboard }: { strange: readonly string[]; keyboard: string }): string {
  const kept = now.services.filter((service) => !strange.includes(service));
  const commands = [];
  if (kept.length < now.services.length)
    commands.push(
      kept.length > 0
        ? `settings put secure enabled_accessibility_services ${quoted(kept.join(":"))}`
        : "settings delete secure enabled_accessibility_services; settings put secure accessibility_enabled 0",
    );
  if (strange.includes(now.keyboard) && keyboard !== "") commands.push(`ime set ${quoted(keyboard)}`);
  for (const name of new Set(strange.map(packageOf))) commands.push(`am force-stop ${quoted(name)}`);
  return commands.join("; ");
}
