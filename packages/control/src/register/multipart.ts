/** The one file of a form (RFC 7578), out of a body that lies in memory whole; a form of a browser or of curl, not of every program there is. */

export interface FormFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const MOST_HEADER = 4_096;
const MOST_PARTS = 20;

/** undefined: it is no form, it was cut off, or it has no file or several. */
export function fileOf(body: Buffer, contentType: string): FormFile | undefined {
  const boundary = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType)?.slice(1).find(Boolean);
  if (boundary === undefined) return undefined;
  const parts = partsOf(body, `--${boundary}`);
  const files = parts?.flatMap((part) => {
    const name = fileNameOf(part.head);
    return name === undefined ? [] : [{ name, bytes: part.bytes }];
  });
  return files?.length === 1 ? files[0] : undefined;
}

function partsOf(body: Buffer, boundary: string): { head: string; bytes: Buffer }[] | undefined {
  const parts: { head: string; bytes: Buffer }[] = [];
  if (!body.subarray(0, boundary.length).equals(Buffer.from(boundary))) return undefined;
  let at = boundary.length;
  while (body.subarray(at, at + 2).toString("latin1") === "\r\n" && parts.length < MOST_PARTS) {
    const headEnd = body.indexOf("\r\n\r\n", at);
    const end = body.indexOf(`\r\n${boundary}`, at);
    if (headEnd === -1 || end < headEnd || headEnd - at > MOST_HEADER) return undefined;
    parts.push({ head: body.subarray(at + 2, headEnd).toString("utf8"), bytes: body.subarray(Math.min(headEnd + 4, end), end) });
    at = end + 2 + boundary.length;
  }
  return body.subarray(at, at + 2).toString("latin1") === "--" ? parts : undefined;
}

/** undefined: the part is a field, not a file. */
function fileNameOf(head: string): string | undefined {
  const line = head.split("\r\n").find((one) => /^content-disposition:/i.test(one)) ?? "";
  const [, extended] = /;\s*filename\*=UTF-8''([^;]*)/i.exec(line) ?? [];
  if (extended !== undefined) return decoded(extended);
  const [, quoted] = /;\s*filename="((?:[^"\\]|\\.)*)"/i.exec(line) ?? [];
  return quoted?.replaceAll(/\\(.)/g, "$1");
}

function decoded(words: string): string {
  try {
    return decodeURIComponent(words);
  } catch {
    return words;
  }
}
