// Reads what the bake needs of an OpenType file: which glyph a character has, how wide it is, and its outline. Written from the OpenType
// specification. An outline is a list of contours in font units, y upwards, of ["M"|"L",x,y] | ["Q",cx,cy,x,y] | ["C",ax,ay,bx,by,x,y].
import { openCff } from "./cff.mjs";

/** @param {Buffer} file @param {number} index face of a collection */
export function openFont(file, index = 0) {
  const start = file.toString("latin1", 0, 4) === "ttcf" ? file.readUInt32BE(12 + 4 * index) : 0;
  const tables = new Map();
  for (let i = 0; i < file.readUInt16BE(start + 4); i++) {
    const at = start + 12 + 16 * i;
    const offset = file.readUInt32BE(at + 8);
    tables.set(file.toString("latin1", at, at + 4), file.subarray(offset, offset + file.readUInt32BE(at + 12)));
  }
  const head = tables.get("head");
  const glyphs = readCmap(tables.get("cmap"));
  const advances = readAdvances(tables.get("hhea"), tables.get("hmtx"));
  const outline = tables.has("glyf")
    ? openGlyf({ glyf: tables.get("glyf"), loca: tables.get("loca"), long: head.readInt16BE(50) === 1 })
    : openCff(tables.get("CFF "));
  return { unitsPerEm: head.readUInt16BE(18), glyphs, advance: advances, outline };
}

/** Character to glyph number, from the widest Unicode table there is (formats 12 and 4). */
function readCmap(cmap) {
  const found = new Map();
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const platform = cmap.readUInt16BE(4 + 8 * i);
    const table = cmap.subarray(cmap.readUInt32BE(8 + 8 * i));
    if (platform === 0 || platform === 3) found.set(table.readUInt16BE(0), table);
  }
  const map = new Map();
  const wide = found.get(12);
  if (wide !== undefined) {
    for (let i = 0; i < wide.readUInt32BE(12); i++) {
      const at = 16 + 12 * i;
      const first = wide.readUInt32BE(at);
      for (let code = first; code <= wide.readUInt32BE(at + 4); code++) map.set(code, wide.readUInt32BE(at + 8) + code - first);
    }
    return map;
  }
  readSegments(found.get(4), map);
  return map;
}

function readSegments(table, map) {
  const size = table.readUInt16BE(6);
  for (let i = 0; i < size; i += 2) {
    const end = table.readUInt16BE(14 + i);
    const start = table.readUInt16BE(16 + size + i);
    const delta = table.readUInt16BE(16 + 2 * size + i);
    const rangeAt = 16 + 3 * size + i;
    const range = table.readUInt16BE(rangeAt);
    for (let code = start; code <= end && code !== 0xffff; code++) {
      const raw = range === 0 ? code : table.readUInt16BE(rangeAt + range + 2 * (code - start));
      const glyph = range !== 0 && raw === 0 ? 0 : (raw + delta) & 0xffff;
      if (glyph !== 0) map.set(code, glyph);
    }
  }
}

function readAdvances(hhea, hmtx) {
  const count = hhea.readUInt16BE(34);
  return (glyph) => hmtx.readUInt16BE(4 * Math.min(glyph, count - 1));
}

function openGlyf(font) {
  const offset = (glyph) => (font.long ? font.loca.readUInt32BE(4 * glyph) : 2 * font.loca.readUInt16BE(2 * glyph));
  const outline = (glyph) => {
    const data = font.glyf.subarray(offset(glyph), offset(glyph + 1));
    if (data.length === 0) return [];
    const contours = data.readInt16BE(0);
    return contours >= 0 ? simpleGlyph(data, contours) : compositeGlyph(data, outline);
  };
  return outline;
}

function simpleGlyph(data, contours) {
  const ends = Array.from({ length: contours }, (_, i) => data.readUInt16BE(10 + 2 * i));
  const count = (ends.at(-1) ?? -1) + 1;
  let at = 10 + 2 * contours;
  at += 2 + data.readUInt16BE(at);
  const flags = [];
  while (flags.length < count) {
    const flag = data[at++];
    const times = flag & 8 ? data[at++] + 1 : 1;
    for (let i = 0; i < times; i++) flags.push(flag);
  }
  const axis = (short, same) => {
    let value = 0;
    return flags.map((flag) => {
      if (flag & short) value += flag & same ? data[at++] : -data[at++];
      else if (!(flag & same)) {
        value += data.readInt16BE(at);
        at += 2;
      }
      return value;
    });
  };
  const xs = axis(2, 16);
  const ys = axis(4, 32);
  const points = flags.map((flag, i) => ({ on: (flag & 1) === 1, x: xs[i], y: ys[i] }));
  return ends.map((end, i) => quadratic(points.slice(i === 0 ? 0 : ends[i - 1] + 1, end + 1)));
}

/** On- and off-curve points to quadratic curves; between two off-curve points lies an implied on-curve one. */
function quadratic(points) {
  if (points.length === 0) return [];
  const middle = (a, b) => ({ on: true, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const firstOn = points.findIndex((point) => point.on);
  const start = firstOn >= 0 ? points[firstOn] : middle(points.at(-1), points[0]);
  const rest = firstOn >= 0 ? [...points.slice(firstOn + 1), ...points.slice(0, firstOn)] : points;
  const parts = [["M", start.x, start.y]];
  let control;
  for (const point of [...rest, start]) {
    if (control === undefined) {
      if (point.on) parts.push(["L", point.x, point.y]);
      else control = point;
      continue;
    }
    const end = point.on ? point : middle(control, point);
    parts.push(["Q", control.x, control.y, end.x, end.y]);
    control = point.on ? undefined : point;
  }
  return parts;
}

function compositeGlyph(data, outline) {
  const contours = [];
  let at = 10;
  for (let flags = 0x20; flags & 0x20; ) {
    flags = data.readUInt16BE(at);
    const glyph = data.readUInt16BE(at + 2);
    at += 4;
    const words = (flags & 1) !== 0;
    const [dx, dy] = words ? [data.readInt16BE(at), data.readInt16BE(at + 2)] : [data.readInt8(at), data.readInt8(at + 1)];
    at += words ? 4 : 2;
    const f = (i) => data.readInt16BE(at + 2 * i) / 16384;
    let [a, b, c, d] = [1, 0, 0, 1];
    if (flags & 8) [a, d, at] = [f(0), f(0), at + 2];
    else if (flags & 0x40) [a, d, at] = [f(0), f(1), at + 4];
    else if (flags & 0x80) [a, b, c, d, at] = [f(0), f(1), f(2), f(3), at + 8];
    for (const contour of outline(glyph)) {
      contours.push(
        contour.map(([letter, ...n]) => [
          letter,
          ...n.map((_, i) => (i % 2 === 0 ? a * n[i] + c * n[i + 1] + dx : b * n[i - 1] + d * n[i] + dy)),
        ]),
      );
    }
  }
  return contours;
}
