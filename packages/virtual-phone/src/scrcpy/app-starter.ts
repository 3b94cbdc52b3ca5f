/** scrcpy's "start app": a package name, "?words" for a label that begins so, "+" before either to stop it first. scrcpy v3.3.1, Controller.java. */
import { FLAG, longComponent } from "../phone/intent.js";
import type { Phone } from "../phone/phone.js";
import type { ServerLog } from "./server-log.js";

export function startApp(phone: Phone, query: string, log: ServerLog): void {
  const forceStop = query.startsWith("+");
  const name = forceStop ? query.slice(1) : query;
  const found = name.startsWith("?")
    ? byLabel(phone, name.slice(1))
    : phone.packages.launchable().filter((info) => info.package === name);
  const [app] = found;
  const component = app && phone.packages.launcherActivity(app.package);
  if (!app || !component)
    return log.warn(`No app found for ${name.startsWith("?") ? `name "${name.slice(1)}"` : `package "${name}"`}`);
  if (found.length > 1) return log.warn(`No unique app found for name "${name.slice(1)}"`);
  log.info(`Starting app "${app.label}" [${app.package}] on display 0...`);
  if (forceStop) phone.activities.forceStop(app.package);
  phone.activities.start({ component: longComponent(component), flags: FLAG.newTask });
}

function byLabel(phone: Phone, words: string): { package: string; label: string }[] {
  const wanted = words.toLowerCase();
  return phone.packages.launchable().filter((info) => info.label.toLowerCase().startsWith(wanted));
}
