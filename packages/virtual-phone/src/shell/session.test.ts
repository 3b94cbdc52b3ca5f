import { describe, expect, test } from "vitest";
import { bytePipe } from "../adbd/byte-pipe.js";
import { phoneFixture } from "../chassis/phone-fixture.js";
import { InstallSessions } from "../installer/install-sessions.js";
import { Instrumentations } from "../uiautomator2/instrumentation.js";
import { programs } from "./commands/programs.js";
import { startShell } from "./session.js";

/** An interactive session whose terminal is these functions. */
function terminal() {
  const phone = phoneFixture();
  const input = bytePipe();
  const ending = new AbortController();
  let shown = "";
  let interrupt = (): void => undefined;
  const shell = startShell(
    {
      phone: phone.phone,
      files: phone.files,
      sockets: phone.sockets,
      jobs: phone.jobs,
      installs: new InstallSessions(phone.phone, phone.files),
      instrumentations: new Instrumentations({
        phone: phone.phone,
        sockets: phone.sockets,
        screenshot: () => Promise.resolve(new Uint8Array()),
      }),
      adbPort: 5555,
      screenshot: () => Promise.resolve(new Uint8Array()),
      pixels: () => Promise.resolve({ width: 0, height: 0, rgba: new Uint8Array() }),
      runScrcpy: () => Promise.resolve(0),
      reboot: () => undefined,
    },
    programs,
  );
  const sink = {
    write: (data: Uint8Array | string) => {
      shown += typeof data === "string" ? data : Buffer.from(data).toString();
      return Promise.resolve();
    },
  };
  const done = shell.run({
    command: undefined,
    stdin: input.source,
    stdout: sink,
    stderr: sink,
    pty: true,
    term: "xterm",
    size: () => ({ rows: 24, columns: 80 }),
    onInterrupt: (listener) => {
      interrupt = listener;
    },
    signal: ending.signal,
  });
  return {
    phone,
    done,
    type: (text: string) => input.write(Buffer.from(text)),
    end: () => input.end(),
    interrupt: () => interrupt(),
    hangUp: () => ending.abort(),
    shows: (text: string) => expect.poll(() => shown).toContain(text),
  };
}

describe("an interactive session", () => {
  test("prompts with device and folder, and with the status when it is not 0", async () => {
    const session = terminal();
    await session.shows("pr_v3:/ $ ");
    await session.type("cd /sdcard\n");
    await session.shows("pr_v3:/sdcard $ ");
    await session.type("false\n");
    await session.shows("1|pr_v3:/sdcard $ ");
    await session.type("exit 3\n");
    expect(await session.done).toBe(3);
  });

  test("asks for the rest of an unfinished command", async () => {
    const session = terminal();
    await session.type("if true; then\n");
    await session.shows("> ");
    await session.type("echo done\nfi\n");
    await session.shows("done\n");
    session.end();
    expect(await session.done).toBe(0);
  });

  test("ends the running command at ^C and keeps the session", async () => {
    const session = terminal();
    await session.type("sleep 1000\n");
    await expect.poll(() => session.phone.phone.processes.named("sleep")).toBeDefined();
    session.interrupt();
    await session.shows("130|pr_v3:/ $ ");
    expect(session.phone.phone.processes.named("sleep")).toBeUndefined();
    await session.type("echo alive\n");
    await session.shows("alive\n");
    session.hangUp();
    expect(await session.done).toBe(129);
    expect(session.phone.jobs.count).toBe(0);
  });
});
