/** wm (also `cmd window`): size, density, rotation, keyguard. */
import type { Rotation } from "../../phone/display.js";
import type { Call, CommandSet } from "../command.js";

const FIELD = /^(\d{1,5})x(\d{1,5})$/;

function size(call: Call, [wanted]: readonly string[]): Promise<number> {
  const { display } = call.phone;
  if (wanted === undefined) {
    const { width, height } = display.physical;
    const override = display.sizeOverride;
    return call.say(
      `Physical size: ${width}x${height}`,
      ...(override ? [`Override size: ${override.width}x${override.height}`] : []),
    );
  }
  const match = FIELD.exec(wanted);
  if (wanted !== "reset" && !match) return call.complain(`Error: bad size ${wanted}`, 255);
  const good = display.setSize(match ? { width: Number(match[1]), height: Number(match[2]) } : undefined);
  return good ? Promise.resolve(0) : call.complain(`Error: bad size ${wanted}`, 255);
}

function density(call: Call, [wanted]: readonly string[]): Promise<number> {
  const { display } = call.phone;
  if (wanted === undefined) {
    const override = display.densityOverride;
    return call.say(
      `Physical density: ${display.physical.density}`,
      ...(override === undefined ? [] : [`Override density: ${override}`]),
    );
  }
  if (wanted !== "reset" && !/^\d+$/.test(wanted)) return call.complain(`Error: bad number ${wanted}`, 255);
  const value = wanted === "reset" ? undefined : Number(wanted);
  if (value !== undefined && value < 72) return call.complain("Error: density must be >= 72", 255);
  return display.setDensity(value) ? Promise.resolve(0) : call.complain(`Error: bad density ${wanted}`, 255);
}

function userRotation(call: Call, args: readonly string[]): Promise<number> {
  const [mode, rotation] = args;
  const { display } = call.phone;
  if (mode === undefined) return call.say(display.autoRotate ? "free" : `lock ${display.rotation}`);
  if (mode === "free") display.setUserRotation("free");
  else if (mode !== "lock") return call.complain(`Error: argument needs to be either -d, free or lock.`, 255);
  else {
    const wanted = rotation === undefined ? display.rotation : Number(rotation);
    if (![0, 1, 2, 3].includes(wanted)) return call.complain(`Error: rotation can only be 0, 1, 2 or 3, not ${rotation}`, 255);
    display.setUserRotation(wanted as Rotation);
  }
  return Promise.resolve(0);
}

/** `wm …` */
export function wm(call: Call): Promise<number> {
  const args = [...call.args];
  const display = args.indexOf("-d");
  if (display >= 0) args.splice(display, 2);
  const [verb, ...rest] = args;
  switch (verb) {
    case "size":
      return size(call, rest);
    case "density":
      return density(call, rest);
    case "user-rotation":
    case "set-user-rotation":
      return userRotation(call, rest);
    case "dismiss-keyguard":
      call.phone.power.dismissKeyguard();
      return Promise.resolve(0);
    case "fixed-to-user-rotation":
    case "set-fix-to-user-rotation":
      return rest.length === 0 ? call.say("default") : Promise.resolve(0);
    case "folded-area":
    case "overscan":
    case "scaling":
      return Promise.resolve(0);
    case undefined:
    case "help":
      return call.say(
        "Window manager (window) commands:",
        "  help",
        "    Print this help text.",
        "  size [reset|WxH|WdpxHdp] [-d DISPLAY_ID]",
        "    Return or override display size.",
        "  density [reset|DENSITY] [-d DISPLAY_ID]",
        "    Return or override display density.",
        "  dismiss-keyguard",
        "    Dismiss the keyguard, prompting user for auth if necessary.",
        "  user-rotation [-d DISPLAY_ID] [free|lock] [rotation]",
        "    Print or set user rotation mode and user rotation.",
      );
    default:
      return call.complain(`Unknown command: ${verb}`, 255);
  }
}

export const windowCommands: CommandSet = { toybox: {}, own: { wm } };
