import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addHttpsFlags, type HttpsFlags, httpsOptions, trustLines } from "./https-flags.js";

function read(...words: string[]): ReturnType<typeof httpsOptions> {
  const command = addHttpsFlags(new Command("up").exitOverride().configureOutput({ writeErr: () => {} }));
  command.parse(words, { from: "user" });
  return httpsOptions(command.opts<HttpsFlags>());
}

describe("the flags of https", () => {
  test("name a certificate and its key, the address outside, or a proxy", () => {
    expect(read()).toEqual({});
    expect(read("--tls-cert", "/a.crt", "--tls-key", "/a.key")).toEqual({ tlsFiles: { cert: "/a.crt", key: "/a.key" } });
    expect(read("--insecure-http", "--public-url", "https://lab.example")).toEqual({
      insecureHttp: true,
      publicUrl: "https://lab.example",
    });
  });

  test.each([
    [["--tls-cert", "/a.crt"], /go together/],
    [["--tls-key", "/a.key"], /go together/],
    [["--tls-cert", "/a.crt", "--tls-key", "/a.key", "--insecure-http"], /exclude each other/],
  ])("that contradict each other are refused: %j", (words, detail) => {
    expect(() => read(...words)).toThrow();
    try {
      read(...words);
    } catch (error) {
      expect(error).toMatchObject({ code: "usage", detail: expect.stringMatching(detail) });
    }
  });

  test.each([[["--public-url", "lab.example"]], [["--tls-cert", ""]]])("that mean nothing are refused: %j", (words) => {
    expect(() => read(...words)).toThrow();
  });

  test("tell of a CA of its own by page and fingerprint, and of no other", () => {
    const control = { url: "https://lab:7171", authority: { pem: "", file: "", fingerprint: "AB:CD" } };
    expect(trustLines(control as never)).toBe(
      "Its certificate is of its own CA: open http://lab:7171/trust once to trust it.\nSHA-256 AB:CD\n",
    );
    expect(trustLines({ ...control, authority: null } as never)).toBe("");
  });
});
