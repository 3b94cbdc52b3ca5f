/** Alerts by the server's own signs: resource ids of titles and buttons (its utils/AlertHelpers). */
import type { Phone } from "../phone/phone.js";
import { MESSAGE, ServerError } from "./server-error.js";
import { type AxNode, takeSnapshot, walkNodes } from "./snapshot.js";

const REGULAR = { title: /.+:id\/(alertTitle|custom)$/, button: /^android:id\/button\d+$/ };
const PERMISSION = { title: /.+:id\/permission_message$/, button: /.+:id\/permission_\w+_button$/ };
const ALLOW = /^(.*[^a-z])allow([^a-z].*)$/i;
const DENY = /^(.*[^a-z])deny([^a-z].*)$/i;

interface Alert {
  readonly permission: boolean;
  readonly buttons: readonly AxNode[];
  /** Everything with an id and words that is no button. */
  readonly words: readonly string[];
}

/** @throws ServerError "no such alert" */
function alertOf(phone: Phone): Alert {
  const nodes = [...walkNodes(takeSnapshot(phone, { allWindows: false }).roots)];
  const kind = [REGULAR, PERMISSION].find(({ title }) => nodes.some(({ facts }) => title.test(facts.resourceId)));
  if (!kind) throw new ServerError("no such alert", MESSAGE.noAlert);
  const words = nodes.filter(({ facts }) => facts.resourceId && !kind.button.test(facts.resourceId) && facts.text.trim());
  return {
    permission: kind === PERMISSION,
    buttons: nodes.filter(({ facts }) => kind.button.test(facts.resourceId)),
    words: words.map(({ facts }) => facts.text),
  };
}

export function alertText(phone: Phone): string {
  return alertOf(phone).words.join("\n");
}

/** The button to press. @param label presses the one that says so. @throws ServerError */
export function alertButton(phone: Phone, action: "accept" | "dismiss", label: string | undefined): AxNode {
  const { permission, buttons } = alertOf(phone);
  const found =
    label !== undefined
      ? buttons.find(({ facts }) => facts.text === label)
      : permission
        ? permissionButton(buttons, action)
        : regularButton(buttons, action);
  if (!found) throw new ServerError("invalid element state", "The expected button cannot be detected on the alert");
  return found;
}

/** By their numbers: the first accepts, the second dismisses. */
function regularButton(buttons: readonly AxNode[], action: "accept" | "dismiss"): AxNode | undefined {
  const sorted = [...buttons].sort((a, b) => (a.facts.resourceId < b.facts.resourceId ? -1 : 1));
  return action === "accept" ? sorted[0] : (sorted[1] ?? sorted[0]);
}

function permissionButton(buttons: readonly AxNode[], action: "accept" | "dismiss"): AxNode | undefined {
  const wanted = action === "accept" ? ALLOW : DENY;
  return buttons.find(({ facts }) => wanted.test(facts.resourceId)) ?? buttons[0];
}
