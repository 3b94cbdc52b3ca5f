import { describe, expect, it } from "vitest";
import { Canvas } from "./canvas.js";
import { colors, type Rect, rgb, withAlpha } from "./geometry.js";
import { ICON_NAMES } from "./icons.js";
import { createRaster, type Raster } from "./raster.js";

const RED = rgb(0xff0000);

function drawn(draw: (canvas: Canvas) => void, scale = 1): Raster {
  const raster = createRaster(100 * scale, 100 * scale);
  draw(new Canvas(raster, { width: 100, height: 100 }));
  return raster;
}

const pixel = (raster: Raster, x: number, y: number): number => (raster.pixels[y * raster.width + x] as number) & 0xffffff;

/** The smallest box around everything that is not black. */
function inkBox(raster: Raster): Rect | undefined {
  let [x0, y0, x1, y1] = [raster.width, raster.height, -1, -1];
  for (let y = 0; y < raster.height; y++) {
    for (let x = 0; x < raster.width; x++) {
      if (pixel(raster, x, y) === 0) continue;
      [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
    }
  }
  return x1 < 0 ? undefined : { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

describe("canvas", () => {
  it("fills exactly the rectangle asked for, at any scale", () => {
    expect(inkBox(drawn((canvas) => canvas.fillRect({ x: 10, y: 20, width: 30, height: 40 }, RED)))).toEqual({
      x: 10,
      y: 20,
      width: 30,
      height: 40,
    });
    expect(inkBox(drawn((canvas) => canvas.fillRect({ x: 10, y: 20, width: 30, height: 40 }, RED), 0.5))).toEqual({
      x: 5,
      y: 10,
      width: 15,
      height: 20,
    });
  });

  it("keeps a line that is thinner than a raster pixel", () => {
    expect(inkBox(drawn((canvas) => canvas.fillRect({ x: 0, y: 52, width: 100, height: 1 }, RED), 0.25))?.height).toBe(1);
  });

  it("mixes colours by their alpha and fades groups", () => {
    const half = drawn((canvas) => canvas.fillRect({ x: 0, y: 0, width: 100, height: 100 }, withAlpha(colors.white, 0.5)));
    expect(pixel(half, 50, 50) & 255).toBeCloseTo(128, -1);
    const quarter = drawn((canvas) =>
      canvas.faded(0.5, () => canvas.fillRect({ x: 0, y: 0, width: 100, height: 100 }, withAlpha(colors.white, 0.5))),
    );
    expect(pixel(quarter, 50, 50) & 255).toBeCloseTo(64, -1);
  });

  it("draws nothing outside nested clips, whatever is drawn", () => {
    const raster = drawn((canvas) =>
      canvas.clip({ x: 10, y: 10, width: 50, height: 50 }, () =>
        canvas.clip({ x: 30, y: 30, width: 90, height: 20 }, () => {
          canvas.fillRoundRect({ x: -20, y: -20, width: 200, height: 200 }, 30, RED);
          canvas.text("WWWWWWWW", { x: 0, y: 20, size: 40, color: colors.white });
          canvas.icon("gear", { x: 0, y: 0, size: 100, color: colors.white });
          canvas.line({ x: 0, y: 0 }, { x: 100, y: 100 }, { width: 9, color: colors.white });
          canvas.gradient(
            { x: 0, y: 0, width: 100, height: 100 },
            { from: RED, to: colors.white, radius: 20, direction: "diagonal" },
          );
          canvas.image({ width: 1, height: 1, data: Uint8Array.of(9, 9, 9, 255) }, { x: 0, y: 0, width: 100, height: 100 });
        }),
      ),
    );
    expect(inkBox(raster)).toEqual({ x: 30, y: 30, width: 30, height: 20 });
  });

  it("draws the same inside a small clip as without it", () => {
    const draw = (canvas: Canvas): void => {
      canvas.gradient({ x: 0, y: 0, width: 100, height: 100 }, { from: rgb(0x102030), to: rgb(0xf0e0d0) });
      canvas.fillRoundRect({ x: 8, y: 9, width: 70, height: 60 }, 17, RED);
      canvas.strokeRect({ x: 8, y: 9, width: 70, height: 60 }, { width: 3, radius: 17, color: colors.white });
      canvas.fillCircle({ x: 70, y: 70 }, 25, withAlpha(colors.black, 0.5));
      canvas.text("Clip 中", { x: 3, y: 40, size: 30, color: colors.white });
    };
    const whole = drawn(draw);
    const parts = drawn((canvas) => {
      for (let y = 0; y < 100; y += 13)
        for (let x = 0; x < 100; x += 17) canvas.clip({ x, y, width: 17, height: 13 }, () => draw(canvas));
    });
    let most = 0;
    for (let i = 0; i < whole.pixels.length; i++) {
      for (const shift of [0, 8, 16]) {
        most = Math.max(
          most,
          Math.abs((((whole.pixels[i] as number) >>> shift) & 255) - (((parts.pixels[i] as number) >>> shift) & 255)),
        );
      }
    }
    // Coverage of an edge that a clip cuts may round the other way.
    expect(most).toBeLessThanOrEqual(3);
  });

  it("rounds corners smoothly and leaves the middle full", () => {
    const raster = drawn((canvas) => canvas.fillRoundRect({ x: 0, y: 0, width: 100, height: 100 }, 30, colors.white));
    expect(pixel(raster, 0, 0)).toBe(0);
    expect(pixel(raster, 50, 50)).toBe(0xffffff);
    const edge = Array.from({ length: 30 }, (_, x) => pixel(raster, x, 4) & 255).filter((value) => value > 0 && value < 255);
    expect(edge.length).toBeGreaterThan(0);
  });

  it("covers a circle's area", () => {
    const raster = drawn((canvas) => canvas.fillCircle({ x: 50, y: 50 }, 30, colors.white));
    const area = raster.pixels.reduce((sum, word) => sum + (word & 255) / 255, 0);
    expect(Math.abs(area - Math.PI * 900)).toBeLessThan(12);
  });

  it("ends lines at both ends alike, whichever way they go", () => {
    for (let turn = 0; turn < 16; turn++) {
      const angle = (turn * Math.PI) / 8;
      const reach = { x: Math.cos(angle) * 30, y: Math.sin(angle) * 30 };
      const raster = drawn((canvas) =>
        canvas.line(
          { x: 50 - reach.x, y: 50 - reach.y },
          { x: 50 + reach.x, y: 50 + reach.y },
          { width: 8, color: colors.white },
        ),
      );
      const area = raster.pixels.reduce((sum, word) => sum + (word & 255) / 255, 0);
      expect(Math.abs(area - (60 * 8 + Math.PI * 16))).toBeLessThan(12);
    }
  });

  it("shows a picture's colours where it is put and keeps its transparency", () => {
    const data = Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 255, 0, 255, 0, 0, 255, 255, 255, 255);
    const raster = drawn((canvas) => canvas.image({ width: 2, height: 2, data }, { x: 20, y: 20, width: 40, height: 40 }));
    expect([pixel(raster, 25, 25), pixel(raster, 55, 25), pixel(raster, 25, 55), pixel(raster, 55, 55)]).toEqual([
      0x0000ff, 0xff0000, 0, 0xffffff,
    ]);
  });

  it.each(ICON_NAMES)("has ink inside the square of the icon %s", (name) => {
    const box = inkBox(drawn((canvas) => canvas.icon(name, { x: 20, y: 20, size: 60, color: colors.white })));
    expect(box?.width).toBeGreaterThan(2);
    expect(box?.x).toBeGreaterThanOrEqual(20);
    expect((box?.x ?? 0) + (box?.width ?? 99)).toBeLessThanOrEqual(80);
  });

  it.each([
    ["Latin", "Ag"],
    ["Greek", "Ωλ"],
    ["Cyrillic", "Жы"],
    ["Chinese", "中文"],
    ["rare Chinese", "龘"],
    ["Japanese", "あ漢"],
    ["Korean", "한글"],
    ["Arabic", "عر"],
    ["Hebrew", "של"],
    ["Thai", "ไทย"],
    ["Devanagari", "हि"],
    ["Tamil", "தமி"],
    ["Ethiopic", "አማ"],
    ["symbols", "☎★→"],
    ["emoji", "😀🎉"],
    ["an unassigned character", "\u0378"],
  ])("draws %s, regular and bold, in different shapes for different characters", (_script, text) => {
    for (const weight of ["regular", "bold"] as const) {
      const rasters = Array.from(text, (char) =>
        drawn((canvas) => canvas.text(char, { x: 20, y: 20, size: 40, color: colors.white, weight })),
      );
      for (const raster of rasters) expect(inkBox(raster)).toBeDefined();
      expect(new Set(rasters.map(({ pixels }) => pixels.join())).size).toBe(Array.from(text).length);
    }
  });

  it("gives joiners, selectors and controls neither ink nor room", () => {
    const raster = drawn((canvas) => canvas.text("\u200d\ufe0f\u0007\u200b", { x: 20, y: 20, size: 40, color: colors.white }));
    expect(inkBox(raster)).toBeUndefined();
  });

  it("draws absurdly large text and shapes where they show, without their memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const raster = drawn((canvas) => {
      canvas.text("MMM", { x: -30_000, y: -60_000, size: 100_000, color: colors.white });
      canvas.fillCircle({ x: 50, y: 50 }, 1e6, withAlpha(RED, 0.5));
      canvas.fillRect({ x: -1e9, y: 20, width: 2e9, height: 10 }, RED);
    });
    expect(inkBox(raster)).toEqual({ x: 0, y: 0, width: 100, height: 100 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  });

  it("draws nothing for sizes and places that are no numbers", () => {
    const raster = drawn((canvas) => {
      canvas.fillRect({ x: Number.NaN, y: 0, width: 10, height: 10 }, RED);
      canvas.text("nothing", { x: 10, y: 10, size: 0, color: RED });
      canvas.fillCircle({ x: Number.NaN, y: 5 }, 5, RED);
      canvas.fillRoundRect({ x: 5, y: 5, width: -10, height: 10 }, 3, RED);
    });
    expect(inkBox(raster)).toBeUndefined();
  });

  it("puts text where its alignment says", () => {
    const at = (align: "left" | "center" | "right"): number =>
      inkBox(drawn((canvas) => canvas.text("llll", { x: 50, y: 30, size: 20, color: colors.white, align })))?.x ?? -1;
    expect(at("left")).toBeGreaterThanOrEqual(50);
    expect(at("center")).toBeLessThan(50);
    expect(at("right")).toBeLessThan(at("center"));
  });
});
