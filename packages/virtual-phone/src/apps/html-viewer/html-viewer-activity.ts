/**
 * Android's HTML viewer: shows a page that another app lends it by a `content:` address. It lays out no HTML but a body of plain text, in the
 * colours and the size (in vmin) that the body's own style says.
 */
import { FLAG } from "../../phone/intent.js";
import { type Color, rgb } from "../../screen/geometry.js";
import type { Kit } from "../../views/kit.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";

const UNREADABLE = {
  en: "The requested file was not found.",
  zh: "找不到所请求的文件。",
  fr: "Fichier introuvable.",
  de: "Die angeforderte Datei wurde nicht gefunden.",
} as const;
const TITLE_EXTRA = "android.intent.extra.TITLE";

interface Page {
  readonly title: string;
  readonly text: string;
  readonly background: Color | undefined;
  readonly color: Color | undefined;
  /** In percent of the shorter side; undefined: as a browser's own. */
  readonly vmin: number | undefined;
}

export class HtmlViewerActivity extends AppActivity {
  #page: Page | null | undefined;
  #asked: string | undefined;

  override build(kit: Kit): View {
    this.#load();
    const page = this.#page;
    const { width, height } = this.phone.display;
    const size = page?.vmin === undefined ? 16 : ((Math.min(width, height) * page.vmin) / 100) * (160 / kit.density);
    const words = page === null ? UNREADABLE[this.language] : (page?.text ?? "");
    const title = String(this.intent.extras?.[TITLE_EXTRA] ?? page?.title ?? "");
    const text = kit.text(words, size, {
      bold: page?.vmin !== undefined,
      align: page?.vmin === undefined ? "start" : "center",
      width: "match",
      ...(page?.color === undefined ? {} : { color: page.color }),
    });
    const body = kit.column(
      {
        className: "android.webkit.WebView",
        id: "webview",
        height: 0,
        weight: 1,
        contentVerticalGravity: page?.vmin === undefined ? "top" : "center",
        ...(page?.background === undefined ? {} : { background: page.background }),
      },
      [text],
    );
    return kit.column({ height: "match" }, [appBar(kit, { title }), body]);
  }

  protected override onNewIntent(): void {
    this.context.rebuild();
  }

  /** Without the grant the page is not this app's to read. */
  #load(): void {
    const { data, flags = 0 } = this.intent;
    if (this.#asked === data) return;
    this.#asked = data;
    this.#page = undefined;
    const granted = data !== undefined && (flags & FLAG.grantRead) !== 0;
    void (granted ? this.phone.readContent(data) : Promise.resolve(undefined)).then((bytes) => {
      if (this.#asked !== data) return;
      this.#page = bytes ? readPage(Buffer.from(bytes).toString("utf8")) : null;
      this.context.rebuild();
    });
  }
}

function readPage(html: string): Page {
  const [, style = "", body = html] = /<body(?:\s+style="([^"]*)")?[^>]*>(.*?)<\/body>/s.exec(html) ?? [];
  const vmin = /\b(\d{1,3})vmin\b/.exec(style)?.[1];
  return {
    title: plain(/<title>(.*?)<\/title>/s.exec(html)?.[1] ?? ""),
    text: plain(body).slice(0, 4_000),
    background: colorOf(/(?:^|;)\s*background:\s*(#[0-9a-f]{6})/i.exec(style)?.[1]),
    color: colorOf(/(?:^|;)\s*color:\s*(#[0-9a-f]{6})/i.exec(style)?.[1]),
    vmin: vmin === undefined ? undefined : Math.min(100, Number(vmin)),
  };
}

function plain(html: string): string {
  const text = html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
}

function colorOf(hex: string | undefined): Color | undefined {
  return hex === undefined ? undefined : rgb(Number.parseInt(hex.slice(1), 16));
}
