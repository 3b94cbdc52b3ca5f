/** What a User-Agent header says to people: which browser, on what. A help to recognise one's own, no more: anybody can write anything there. */

const PROGRAMS = [
  [/phonerack|node|undici|curl/i, "terminal"],
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/(Headless)?Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const;

const SYSTEMS = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
] as const;

export function programOf(userAgent: string): { program: string | undefined; system: string | undefined } {
  const found = (table: readonly (readonly [RegExp, string])[]) => table.find(([pattern]) => pattern.test(userAgent))?.[1];
  return { program: found(PROGRAMS), system: found(SYSTEMS) };
}
