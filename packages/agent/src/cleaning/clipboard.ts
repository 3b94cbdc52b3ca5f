/** Empties the clipboard through scrcpy's server, as a shell by itself may not, and reads it back. */
import { DeviceMessageParser, encodeControlMessage } from "@phonerack/android-wire/scrcpy";
import { PhonerackError } from "@phonerack/contract/bus";
import { type ScrcpySession, startSession } from "../mirror/scrcpy-session.js";
import { pushServerJar, type ServerJar } from "../mirror/server-jar.js";
import type { PhoneLink } from "../transports/link.js";
import type { Verdict } from "./repair.js";

const OPTIONS = ["video=false", "audio=false", "clipboard_autosync=false", "power_on=false"];
const ANSWER_MS = 3_000;
const SEQUENCE = 1n;
/** GET_CLIPBOARD without pressing copy first: scrcpy's COPY_KEY_NONE. */
const NO_KEY = 0;

/** Fails only when the connection does. The jar is as it should be after. */
export async function emptyClipboard(link: PhoneLink, jar: ServerJar): Promise<Verdict> {
  let session: ScrcpySession | undefined;
  try {
    await pushServerJar(link, jar);
    session = await startSession({ link, jar, options: OPTIONS });
    return await emptied(link, session);
  } catch (error) {
    if (link.life.ended) throw link.life.ended;
    const words = error instanceof PhonerackError ? (error.detail ?? error.message) : "scrcpy's server failed";
    return { result: "unverifiable", detail: `it cannot be reached: ${words}` };
  } finally {
    session?.stop();
  }
}

async function emptied(link: PhoneLink, session: ScrcpySession): Promise<Verdict> {
  const answers = listen(session);
  await session.socket.write(encodeControlMessage({ type: "set-clipboard", sequence: SEQUENCE, paste: false, text: "" }));
  await link.life.guard(answers.acknowledged, ANSWER_MS, "emptying the clipboard");
  await session.socket.write(encodeControlMessage({ type: "get-clipboard", copyKey: NO_KEY }));
  const text = await link.life.guard(answers.text, ANSWER_MS, "reading the clipboard").catch((error: unknown) => {
    if (link.life.ended) throw error;
    return undefined;
  });
  if (text === undefined) return { result: "cleared", detail: "emptied; this phone does not let it be read back" };
  if (text !== "") return { result: "failed", detail: `still holds ${text.length} characters` };
  return { result: "verified", detail: "empty" };
}

/** What the server says; an end of it fails both. */
function listen({ socket }: ScrcpySession): { acknowledged: Promise<void>; text: Promise<string> } {
  let acknowledge: () => void = () => undefined;
  let tell: (text: string) => void = () => undefined;
  const parser = new DeviceMessageParser((message) => {
    if (message.type === "ack-clipboard" && message.sequence === SEQUENCE) acknowledge();
    else if (message.type === "clipboard") tell(message.text);
  });
  const reading = (async () => {
    for (let chunk = await socket.read(); chunk; chunk = await socket.read()) parser.push(chunk);
    throw new PhonerackError("phone_failed", "scrcpy's server ended");
  })();
  const acknowledged = new Promise<void>((resolve, reject) => {
    acknowledge = resolve;
    reading.catch(reject);
  });
  const text = new Promise<string>((resolve, reject) => {
    tell = resolve;
    reading.catch(reject);
  });
  for (const one of [acknowledged, text]) one.catch(() => undefined);
  return { acknowledged, text };
}
