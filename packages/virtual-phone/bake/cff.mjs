// Outlines of OpenType fonts with PostScript curves: the CFF container and the Type 2 charstrings in it. Written from Adobe's
// technical notes 5176 (CFF) and 5177 (Type 2).

/** @param {Buffer} cff the font's "CFF " table @returns {(glyph: number) => Array} see sfnt.mjs */
export function openCff(cff) {
  const names = readIndex(cff, cff[2]);
  const tops = readIndex(cff, names.end);
  const strings = readIndex(cff, tops.end);
  const global = readIndex(cff, strings.end).items;
  const top = readDict(tops.items[0]);
  const charStrings = readIndex(cff, top.get(17)[0]).items;
  const fdArray = top.get(1236);
  const privates = fdArray === undefined ? [top] : readIndex(cff, fdArray[0]).items.map(readDict);
  const local = privates.map((dict) => localSubrs(cff, dict));
  const select = fdArray === undefined ? () => 0 : fdSelect(cff, top.get(1237)[0], charStrings.length);
  return (glyph) => new CharString(global, local[select(glyph)]).run(charStrings[glyph]);
}

function readIndex(cff, at) {
  const count = cff.readUInt16BE(at);
  if (count === 0) return { items: [], end: at + 2 };
  const size = cff[at + 2];
  const offset = (i) => cff.readUIntBE(at + 3 + i * size, size);
  const base = at + 2 + (count + 1) * size;
  const items = Array.from({ length: count }, (_, i) => cff.subarray(base + offset(i), base + offset(i + 1)));
  return { items, end: base + offset(count) };
}

/** Operator to operands; two-byte operators are 1200 plus the second byte. */
function readDict(data) {
  const dict = new Map();
  let operands = [];
  for (let at = 0; at < data.length; ) {
    const b = data[at++];
    if (b <= 21) {
      dict.set(b === 12 ? 1200 + data[at++] : b, operands);
      operands = [];
    } else if (b === 28) {
      operands.push(data.readInt16BE(at));
      at += 2;
    } else if (b === 29) {
      operands.push(data.readInt32BE(at));
      at += 4;
    } else if (b === 30) {
      // A real number; none of the operators used here has one.
      while ((data[at] & 15) !== 15 && data[at] >> 4 !== 15) at++;
      at++;
      operands.push(Number.NaN);
    } else if (b <= 246) operands.push(b - 139);
    else if (b <= 250) operands.push((b - 247) * 256 + data[at++] + 108);
    else operands.push(-(b - 251) * 256 - data[at++] - 108);
  }
  return dict;
}

function localSubrs(cff, dict) {
  const [size, offset] = dict.get(18) ?? [0, 0];
  const subrs = readDict(cff.subarray(offset, offset + size)).get(19);
  return subrs === undefined ? [] : readIndex(cff, offset + subrs[0]).items;
}

function fdSelect(cff, at, count) {
  if (cff[at] === 0) return (glyph) => cff[at + 1 + glyph];
  const table = new Uint8Array(count);
  for (let i = 0; i < cff.readUInt16BE(at + 1); i++) {
    const range = at + 3 + 3 * i;
    table.fill(cff[range + 2], cff.readUInt16BE(range), cff.readUInt16BE(range + 3));
  }
  return (glyph) => table[glyph];
}

class CharString {
  stack = [];
  contours = [];
  stems = 0;
  x = 0;
  y = 0;
  open = true;

  constructor(global, local) {
    this.global = global;
    this.local = local ?? [];
  }

  run(code) {
    this.call(code);
    return this.contours;
  }

  call(code) {
    for (let at = 0; at < code.length && this.open; ) {
      const b = code[at++];
      if (b === 28) {
        this.stack.push(code.readInt16BE(at));
        at += 2;
      } else if (b === 255) {
        this.stack.push(code.readInt32BE(at) / 65536);
        at += 4;
      } else if (b >= 251) this.stack.push(-(b - 251) * 256 - code[at++] - 108);
      else if (b >= 247) this.stack.push((b - 247) * 256 + code[at++] + 108);
      else if (b >= 32) this.stack.push(b - 139);
      else if (b === 11) return;
      else if (b === 19 || b === 20) {
        this.hints();
        at += (this.stems + 7) >> 3;
      } else this.operate(b === 12 ? 1200 + code[at++] : b);
    }
  }

  hints() {
    this.stems += this.stack.length >> 1;
    this.stack = [];
  }

  subr(list) {
    const bias = list.length < 1240 ? 107 : list.length < 33900 ? 1131 : 32768;
    this.call(list[this.stack.pop() + bias]);
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.contours.push([["M", this.x, this.y]]);
    this.stack = [];
  }

  line(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.contours.at(-1).push(["L", this.x, this.y]);
  }

  /** Steps to the first and second control point and the end. */
  curve(...[ax, ay, bx, by, cx, cy]) {
    const a = [this.x + ax, this.y + ay];
    const b = [a[0] + bx, a[1] + by];
    this.x = b[0] + cx;
    this.y = b[1] + cy;
    this.contours.at(-1).push(["C", ...a, ...b, this.x, this.y]);
  }

  operate(op) {
    const s = this.stack;
    if (op === 10) return this.subr(this.local);
    if (op === 29) return this.subr(this.global);
    if (op === 14) this.open = false;
    else if (op === 1 || op === 3 || op === 18 || op === 23) return this.hints();
    else if (op === 21) return this.move(s.at(-2), s.at(-1));
    else if (op === 22) return this.move(s.at(-1), 0);
    else if (op === 4) return this.move(0, s.at(-1));
    else if (op === 5) for (let i = 0; i + 1 < s.length; i += 2) this.line(s[i], s[i + 1]);
    else if (op === 6 || op === 7) this.turns(op === 6, s);
    else this.curves(op, s);
    this.stack = [];
  }

  /** hlineto and vlineto: lines across and along in turns. */
  turns(startHorizontal, s) {
    for (const [i, d] of s.entries()) {
      if (startHorizontal === (i % 2 === 0)) this.line(d, 0);
      else this.line(0, d);
    }
  }

  curves(op, s) {
    if (op === 8) for (let i = 0; i + 5 < s.length; i += 6) this.curve(...s.slice(i, i + 6));
    else if (op === 24) {
      for (let i = 0; i + 7 < s.length; i += 6) this.curve(...s.slice(i, i + 6));
      this.line(s.at(-2), s.at(-1));
    } else if (op === 25) {
      for (let i = 0; i + 7 < s.length; i += 2) this.line(s[i], s[i + 1]);
      this.curve(...s.slice(-6));
    } else if (op === 26 || op === 27) this.flatEnds(op === 27, s);
    else if (op === 30 || op === 31) this.alternating(op === 31, s);
    else if (op >= 1234 && op <= 1237) this.flex(op, s);
    else throw new Error(`charstring operator ${op} is not known`);
  }

  /** hhcurveto and vvcurveto: curves that begin and end in one direction. */
  flatEnds(horizontal, s) {
    let i = s.length % 4 === 1 ? 1 : 0;
    let across = i === 1 ? s[0] : 0;
    for (; i + 3 < s.length; i += 4, across = 0) {
      if (horizontal) this.curve(s[i], across, s[i + 1], s[i + 2], s[i + 3], 0);
      else this.curve(across, s[i], s[i + 1], s[i + 2], 0, s[i + 3]);
    }
  }

  /** hvcurveto and vhcurveto: begin one way, end the other, in turns. */
  alternating(startHorizontal, s) {
    let horizontal = startHorizontal;
    for (let i = 0; i + 3 < s.length; i += 4, horizontal = !horizontal) {
      const last = s.length - i === 5 ? s[i + 4] : 0;
      if (horizontal) this.curve(s[i], 0, s[i + 1], s[i + 2], last, s[i + 3]);
      else this.curve(0, s[i], s[i + 1], s[i + 2], s[i + 3], last);
    }
  }

  flex(op, s) {
    if (op === 1235) {
      this.curve(...s.slice(0, 6));
      this.curve(...s.slice(6, 12));
    } else if (op === 1234) {
      this.curve(s[0], 0, s[1], s[2], s[3], 0);
      this.curve(s[4], 0, s[5], -s[2], s[6], 0);
    } else if (op === 1236) {
      this.curve(s[0], s[1], s[2], s[3], s[4], 0);
      this.curve(s[5], 0, s[6], s[7], s[8], -(s[1] + s[3] + s[7]));
    } else {
      const dx = s[0] + s[2] + s[4] + s[6] + s[8];
      const dy = s[1] + s[3] + s[5] + s[7] + s[9];
      this.curve(...s.slice(0, 6));
      if (Math.abs(dx) > Math.abs(dy)) this.curve(s[6], s[7], s[8], s[9], s[10], -dy);
      else this.curve(s[6], s[7], s[8], s[9], -dx, s[10]);
    }
  }
}
