/** One product: a picture to pinch, and the button that orders it. */
import type { Canvas } from "../../screen/canvas.js";
import type { Kit } from "../../views/kit.js";
import { PinchView } from "../../views/pinch-view.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { BAZAAR_TEXT, PRODUCTS, type Product, paintArt, priceText } from "./content.js";
import { BAZAAR_DATA } from "./store.js";

export class ProductActivity extends AppActivity {
  override build(kit: Kit): View {
    const text = BAZAAR_TEXT[this.language];
    const product = this.#product;
    const paint = (canvas: Canvas, size: { width: number; height: number }): void => {
      paintArt(canvas, size, product.art);
      const side = Math.min(size.width, size.height) * 0.44;
      canvas.icon(product.icon, { x: (size.width - side) / 2, y: (size.height - side) / 2, size: side, color: 0xf0ffffff });
    };
    const photo = new PinchView(paint, { id: "photo", width: "match", weight: 1, height: 0 });
    const buy = (): void => {
      this.phone.data.get(BAZAAR_DATA).order(product.id, this.phone.clock.now());
      this.context.toast(text.ordered);
    };
    const padding = { left: kit.dp(20), right: kit.dp(20), top: kit.dp(16), bottom: kit.dp(18) };
    return kit.column({ height: "match" }, [
      appBar(kit, { title: product.name[this.language], onBack: () => this.finish() }),
      photo,
      kit.column({ padding, gap: kit.dp(10) }, [
        kit.text(text.pinch, 13, { color: kit.theme.secondary }),
        kit.row({}, [
          kit.text(priceText(product.price, this.phone.locale), 26, { bold: true, weight: 1, width: 0, id: "price" }),
          kit.icon("star", { iconSize: 18, color: 0xffe0a030 }),
          kit.text(product.stars, 16, { color: kit.theme.secondary, margin: { left: kit.dp(4) } }),
        ]),
        kit.filledButton(text.buy, { id: "buy", width: "match", onClick: buy }),
      ]),
    ]);
  }

  protected override onNewIntent(): void {
    this.context.rebuild();
  }

  get #product(): Product {
    const link = /(\d+)$/.exec(this.intent.data ?? "");
    const id = link ? Number(link[1]) : Number(this.intent.extras?.product ?? 1);
    const found = PRODUCTS.find((product) => product.id === id) ?? PRODUCTS[0];
    if (!found) throw new Error("Bazaar has no products");
    return found;
  }
}
