import { afterEach, describe, expect, test } from "vitest";
import { phoneFixture } from "../chassis/phone-fixture.js";

const phone = phoneFixture();
const out = async (command: string): Promise<string> => (await phone.run(command)).stdout;

afterEach(() => phone.run("rm -rf /data/local/tmp/*"));

describe("words", () => {
  test.each([
    [`echo 'a  b' "c  d" e\\ f`, "a  b c  d e f\n"],
    [`X=1; echo "$X" '$X' \${X}y \${Y:-none} \${#X}`, "1 $X 1y none 1\n"],
    [`echo $(echo in) \`echo back\` $((2 + 3 * 4))`, "in back 14\n"],
    [`A="a b"; for w in $A; do echo "<$w>"; done; for w in "$A"; do echo "<$w>"; done`, "<a>\n<b>\n<a b>\n"],
    [`P=/a/b.tar.gz; echo \${P##*/} \${P%.*} \${P%%.*} \${P#/} \${P/b/c}`, "b.tar.gz /a/b.tar /a/b a/b.tar.gz /a/c.tar.gz\n"],
    [`echo {a,b}c "{a,b}"`, "ac bc {a,b}\n"],
    [`set -- x "y z"; echo $# "$2"; shift; echo "$@"`, "2 y z\ny z\n"],
    [`echo "a\\$b" 'it'"'"'s' # comment`, "a$b it's\n"],
  ])("expands %s", async (command, expected) => {
    expect(await out(command)).toBe(expected);
  });

  test("expands patterns to sorted names, and leaves them when nothing matches", async () => {
    expect(await out("cd /sdcard; echo D* no*such '/sd*'; echo [A]n*")).toBe("DCIM Documents Download no*such /sd*\nAndroid\n");
  });
});

describe("control", () => {
  test.each([
    ["true && echo yes || echo no; false && echo yes || echo no", "yes\nno\n"],
    ["false; echo $?; ! false; echo $?; (exit 7); echo $?", "1\n0\n7\n"],
    ["if [ 1 -lt 2 ]; then echo lt; elif true; then echo no; else echo no; fi", "lt\n"],
    ["for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3\n"],
    ["i=0; while true; do i=$((i+1)); [ $i -ge 3 ] && break; done; echo $i", "3\n"],
    ["case abc in x) echo x;; a*|b) echo a;; *) echo other;; esac", "a\n"],
    ["f() { echo f $1; return 3; }; f x; echo $?", "f x\n3\n"],
    ["printf '1 a\\n2 b\\n' | while read n l; do echo $l$n; done", "a1\nb2\n"],
    ["cat <<END\nx $((1+1))\nEND\ncat <<'END'\n$x\nEND", "x 2\n$x\n"],
    ["x=1; (x=2); echo $x; { x=3; }; echo $x", "1\n3\n"],
    ["echo a; exit 4; echo b", "a\n"],
  ])("runs %s", async (command, expected) => {
    expect(await out(command)).toBe(expected);
  });

  test("answers with the last status, 127 for what is not there and 126 for what is no program", async () => {
    expect(await phone.run("foo -x")).toEqual({
      stdout: "",
      stderr: "/system/bin/sh: foo: inaccessible or not found\n",
      exitCode: 127,
    });
    expect((await phone.run("/sdcard")).exitCode).toBe(126);
    expect((await phone.run("exit 300")).exitCode).toBe(44);
  });

  test("says what is wrong with a script instead of running half of it", async () => {
    expect(await phone.run("echo a; if true; then")).toMatchObject({
      stdout: "",
      stderr: expect.stringContaining("unexpected EOF"),
      exitCode: 1,
    });
    expect(await phone.run("echo a | | b")).toMatchObject({
      stdout: "",
      stderr: "/system/bin/sh: syntax error: unexpected '|'\n",
    });
    expect(await phone.run("sh -c 'echo ('; echo after")).toMatchObject({ stdout: "after\n" });
  });

  test("bounds recursion, nesting and loops that are killed", async () => {
    expect((await phone.run("f() { f; }; f; echo alive")).stdout).toContain("alive");
    expect((await phone.run(`${"$(".repeat(200)}echo${")".repeat(200)}; echo x`)).stderr).toContain("nested too deep");
    const ending = new AbortController();
    const endless = phone.run("while true; do :; done", { signal: ending.signal });
    setTimeout(() => ending.abort(), 20);
    expect((await endless).exitCode).toBe(129);
  });
});

describe("redirections", () => {
  test("writes, appends and reads files of the phone", async () => {
    const command =
      "cd /data/local/tmp; echo a > f; echo b >> f; cat < f; foo 2> e; cat e; { echo x; foo; } > g 2>&1; wc -l < g; echo n >&2";
    expect(await phone.run(command)).toEqual({
      stdout: "a\nb\n/system/bin/sh: foo: inaccessible or not found\n2\n",
      stderr: "n\n",
      exitCode: 0,
    });
  });

  test("refuses what the shell user may not write and goes on", async () => {
    expect(await phone.run("echo x > /system/f; echo $?; cat < /nope; echo $?")).toEqual({
      stdout: "1\n1\n",
      stderr:
        "/system/bin/sh: can't open /system/f: Read-only file system\n/system/bin/sh: can't open /nope: No such file or directory\n",
      exitCode: 0,
    });
  });

  test("ends a writer whose reader has gone", async () => {
    expect(await phone.run("yes | head -2; logcat | head -1 | wc -l")).toMatchObject({ stdout: "y\ny\n1\n", exitCode: 0 });
    expect(phone.jobs.count).toBe(0);
  });
});

describe("processes", () => {
  test("runs in the background, seen by ps and ended by kill", async () => {
    const { stdout } = await phone.run(
      "nohup sleep 100 >/dev/null 2>&1 & echo $!; ps -o PID,NAME; kill $!; wait; ps -A -o NAME | grep -c sleep",
    );
    expect(stdout).toMatch(/^(\d+)\n {3}PID NAME *\n(?:.*\n)*? *\1 nohup\n(?:.*\n)*0\n$/);
  });

  test("leaves what nohup runs after the session, and ends the rest with it", async () => {
    const ending = new AbortController();
    const session = phone.run("nohup sleep 100 >/dev/null 2>&1 & sleep 100", { signal: ending.signal });
    await expect.poll(() => phone.phone.processes.list().filter(({ name }) => name === "sleep").length).toBe(2);
    ending.abort();
    expect((await session).exitCode).toBe(129);
    await expect.poll(() => phone.phone.processes.list().filter(({ name }) => name === "sleep").length).toBe(1);
    await phone.run("pkill nohup");
    expect(phone.jobs.count).toBe(0);
  });

  test("survives a fork bomb: it runs out of subshells, the phone does not", async () => {
    const bomb = await phone.run("b() { b | b & }; b; wait; echo over");
    expect(bomb).toMatchObject({ stdout: "over\n", stderr: expect.stringContaining("can't fork - try again"), exitCode: 0 });
    await expect.poll(() => phone.jobs.count).toBe(0);
    expect((await phone.run("echo $(echo alive)")).stdout).toBe("alive\n");
  });

  test("bounds what braces, sequences and substitutions may grow to", async () => {
    const digits = "{1,2,3,4,5,6,7,8,9,0}";
    expect(await out(`echo ${digits}${digits}${digits}${digits}{a,b} | wc -w; seq 200000 | sort -rn | tail -n 1`)).toBe(
      "10000\n1\n",
    );
    const grown = await phone.run(
      "x=aaaaaaaaaaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do x=$x$x; done; echo end",
    );
    expect(grown).toMatchObject({ stdout: "end\n", stderr: expect.stringContaining("Argument list too long") });
  });

  test("gives a command variables of its own, as CLASSPATH for app_process", async () => {
    expect(await out("A=1 env | grep ^A=; echo [$A]; export B=2; env | grep ^B=; sh -c 'echo $B $1' x y")).toBe(
      "A=1\n[]\nB=2\n2 y\n",
    );
    expect(await phone.run("CLASSPATH=/nope app_process / com.example.Main")).toMatchObject({
      stderr: "Error: could not find class 'com.example.Main'\nAborted\n",
      exitCode: 134,
    });
  });
});
