/** The home screen: wallpaper, a clock, pages of icons, and a dock with the four most used. */
import { ACTION, CATEGORY, FLAG, longComponent } from "../../phone/intent.js";
import type { Canvas } from "../../screen/canvas.js";
import { withAlpha } from "../../screen/geometry.js";
import type { Kit } from "../../views/kit.js";
import { clockText, dateText } from "../../views/system/bars.js";
import { paintWallpaper } from "../../views/system/wallpaper.js";
import { CanvasView } from "../../views/text-view.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appIcon } from "../app-icon.js";
import { labelOf } from "../labels.js";

const WHITE = 0xffffffff;
/** Under this many dp of width four columns fit, else six. */
const WIDE_DP = 560;

export class HomeActivity extends AppActivity {
  #page = 0;

  override get darkBars(): boolean {
    return false;
  }
  override paintBackground = (canvas: Canvas, size: { readonly width: number; readonly height: number }): void => {
    paintWallpaper(canvas, size, this.phone.model.wallpaper);
  };

  override build(kit: Kit): View {
    const { width, height } = this.phone.display;
    const wide = (width * 160) / kit.density >= WIDE_DP;
    const low = height < width;
    const columns = wide || low ? 6 : 4;
    const rows = low ? 2 : wide ? 4 : (height * 160) / kit.density > 700 ? 4 : 3;
    const apps = this.phone.packages.launchable().map(({ package: name }) => name);
    const pages: View[] = [];
    for (let at = 0; at === 0 || at < apps.length; at += columns * rows) {
      pages.push(this.#pageOf(kit, apps.slice(at, at + columns * rows), { columns, rows }));
    }
    const workspace = kit.scroll(
      { horizontal: true, paged: true, weight: 1, height: 0, id: "workspace", onScroll: (offset) => this.#scrolled(offset) },
      kit.row({ width: "wrap", height: "match" }, pages),
    );
    const header = low ? [] : [this.#header(kit)];
    return kit.column({ height: "match", padding: { left: 0, right: 0, top: kit.dp(8), bottom: kit.dp(8) } }, [
      ...header,
      workspace,
      ...(pages.length > 1 ? [this.#dots(kit, pages.length)] : []),
    ]);
  }

  override onBack(): boolean {
    return true;
  }

  override onPackagesChanged(): void {
    this.context.rebuild();
  }

  #header(kit: Kit): View {
    const phone = this.phone;
    // Drawn anew with each picture of it; nothing runs to keep it right while nobody looks.
    const paint = (canvas: Canvas, { width }: { width: number }): void => {
      canvas.text(clockText(phone), { x: width / 2, y: 0, size: kit.dp(60), color: WHITE, align: "center" });
      canvas.text(dateText(phone), {
        x: width / 2,
        y: kit.dp(76),
        size: kit.dp(16),
        color: withAlpha(WHITE, 0.92),
        align: "center",
      });
    };
    const margin = { top: kit.dp(34), bottom: kit.dp(30) };
    this.#clock = new CanvasView(paint, {
      width: "match",
      height: kit.dp(102),
      margin,
      id: "clock",
      description: phone.model.name,
    });
    return this.#clock;
  }
  #clock: View | undefined;

  override onMinute(): void {
    this.#clock?.invalidate();
  }

  #pageOf(kit: Kit, names: readonly string[], grid: { columns: number; rows: number }): View {
    const side = kit.dp(12);
    const cell = Math.floor((this.phone.display.width - 2 * side) / grid.columns);
    const lines: View[] = [];
    for (let at = 0; at < names.length; at += grid.columns) {
      const icons = names.slice(at, at + grid.columns).map((name) => this.#icon(kit, name, cell));
      lines.push(kit.row({ contentVerticalGravity: "top" }, icons));
    }
    const padding = { left: side, right: side, top: 0, bottom: 0 };
    return kit.column(
      { width: this.phone.display.width, height: "match", gap: kit.dp(14), padding, contentVerticalGravity: "bottom" },
      lines,
    );
  }

  #icon(kit: Kit, name: string, width: number): View {
    const label = labelOf(this.phone, name);
    const open = (): void => {
      const component = this.phone.packages.launcherActivity(name);
      if (!component) return;
      const flags = FLAG.newTask | FLAG.launchedFromHome;
      this.open({ action: ACTION.main, categories: [CATEGORY.launcher], component: longComponent(component), flags });
    };
    const options = {
      width,
      onClick: open,
      description: label,
      radius: kit.dp(16),
      padding: { top: kit.dp(6), bottom: kit.dp(6) },
    };
    return kit.column({ ...options, contentGravity: "center", gap: kit.dp(7), className: "android.widget.TextView" }, [
      appIcon(this.phone, kit, { package: name, size: this.phone.model.tablet ? 76 : 58 }),
      kit.text(label, this.phone.model.tablet ? 17 : 13.5, { color: WHITE, maxLines: 1, align: "center", id: "icon_label" }),
    ]);
  }

  #dots(kit: Kit, pages: number): View {
    const paint = (canvas: Canvas, { width, height }: { width: number; height: number }): void => {
      for (let i = 0; i < pages; i++) {
        const x = width / 2 + (i - (pages - 1) / 2) * kit.dp(14);
        canvas.fillCircle({ x, y: height / 2 }, kit.dp(i === this.#page ? 4 : 3), withAlpha(WHITE, i === this.#page ? 1 : 0.5));
      }
    };
    this.#indicator = new CanvasView(paint, { width: "match", height: kit.dp(20), id: "page_indicator" });
    return this.#indicator;
  }
  #indicator: View | undefined;

  #scrolled(offset: number): void {
    const page = Math.round(offset / this.phone.display.width);
    if (page === this.#page) return;
    this.#page = page;
    this.#indicator?.invalidate();
  }
}
