/** Bazaar's three tabs: feed, shop, orders. */
import type { IconName } from "../../screen/icons.js";
import type { Kit } from "../../views/kit.js";
import { CanvasView } from "../../views/text-view.js";
import type { View } from "../../views/view.js";
import { AppActivity } from "../activity.js";
import { appBar } from "../app-bar.js";
import { labelOf } from "../labels.js";
import { BAZAAR } from "../manifests.js";
import { BAZAAR_TEXT, POSTS, PRODUCTS, type Product, paintArt, priceText } from "./content.js";
import { postCard } from "./post-card.js";
import { BAZAAR_DATA } from "./store.js";

type Tab = "feed" | "shop" | "orders";

export class BazaarActivity extends AppActivity {
  #tab: Tab = "feed";
  #shownState = "";

  override build(kit: Kit): View {
    this.#shownState = this.#state();
    const { orders, counters } = this.phone.data.get(BAZAAR_DATA);
    const bag = kit.row({ width: "wrap", gap: kit.dp(4), padding: { right: kit.dp(14) } }, [
      kit.icon("bag", { iconSize: 22 }),
      kit.text(String(orders.length), 15, { bold: true, id: "order_count" }),
      kit.icon("heart-filled", { iconSize: 20, color: kit.theme.error, margin: { left: kit.dp(10) } }),
      kit.text(String(counters.likes), 15, { bold: true, id: "like_count" }),
    ]);
    return kit.column({ height: "match" }, [
      appBar(kit, { title: labelOf(this.phone, BAZAAR), actions: [bag] }),
      kit.scroll(
        { weight: 1, height: 0, id: `list_${this.#tab}`, className: "androidx.recyclerview.widget.RecyclerView" },
        this.#content(kit),
      ),
      this.#tabs(kit),
    ]);
  }

  override onResume(): void {
    if (this.#state() !== this.#shownState) this.context.rebuild();
  }

  override onBack(): boolean {
    if (this.#tab === "feed") return false;
    this.#open("feed");
    return true;
  }

  #state(): string {
    return JSON.stringify(this.phone.data.get(BAZAAR_DATA).counters);
  }

  #open(tab: Tab): void {
    this.#tab = tab;
    this.context.rebuild();
  }

  #content(kit: Kit): View {
    const padding = { left: kit.dp(14), right: kit.dp(14), top: kit.dp(2), bottom: kit.dp(18) };
    if (this.#tab === "shop") return this.#shop(kit);
    if (this.#tab === "orders") return kit.column({ padding, gap: kit.dp(10) }, this.#orders(kit));
    const cards = POSTS.map((post) =>
      postCard({
        phone: this.phone,
        kit,
        post,
        changed: () => this.context.rebuild(),
        open: () => this.open({ component: `${BAZAAR}/${BAZAAR}.PostActivity`, extras: { post: post.id } }),
      }),
    );
    return kit.column({ padding, gap: kit.dp(14) }, cards);
  }

  #shop(kit: Kit): View {
    const gap = kit.dp(12);
    const columns = (this.phone.display.width * 160) / kit.density > 560 ? 3 : 2;
    const lines: View[] = [];
    for (let at = 0; at < PRODUCTS.length; at += columns) {
      lines.push(
        kit.row(
          { gap, contentVerticalGravity: "top" },
          PRODUCTS.slice(at, at + columns).map((product) => this.#product(kit, product)),
        ),
      );
    }
    return kit.column({ padding: { left: kit.dp(14), right: kit.dp(14), bottom: kit.dp(18) }, gap }, lines);
  }

  #product(kit: Kit, product: Product): View {
    const radius = kit.dp(16);
    const art = new CanvasView(
      (canvas, size) => {
        paintArt(canvas, size, { ...product.art, radius });
        const side = size.height * 0.42;
        canvas.icon(product.icon, { x: (size.width - side) / 2, y: (size.height - side) / 2, size: side, color: 0xf0ffffff });
      },
      { width: "match", height: kit.dp(128), className: "android.widget.ImageView" },
    );
    const open = (): void => this.open({ component: `${BAZAAR}/${BAZAAR}.ProductActivity`, extras: { product: product.id } });
    return kit.column({ weight: 1, width: 0, gap: kit.dp(4), onClick: open, id: "product", radius }, [
      art,
      kit.text(product.name[this.language], 15, { maxLines: 1, id: "product_name", margin: { left: kit.dp(4), top: kit.dp(2) } }),
      kit.row({ padding: { left: kit.dp(4), bottom: kit.dp(6) }, gap: kit.dp(4) }, [
        kit.text(priceText(product.price, this.phone.locale), 15, { bold: true, weight: 1, width: 0, id: "price" }),
        kit.icon("star", { iconSize: 14, color: 0xffe0a030 }),
        kit.text(product.stars, 13, { color: kit.theme.secondary, margin: { right: kit.dp(6) } }),
      ]),
    ]);
  }

  #orders(kit: Kit): View[] {
    const text = BAZAAR_TEXT[this.language];
    const { orders } = this.phone.data.get(BAZAAR_DATA);
    if (!orders.length)
      return [
        kit.text(text.noOrders, 16, {
          color: kit.theme.secondary,
          width: "match",
          align: "center",
          padding: kit.dp(40),
          id: "empty",
        }),
      ];
    return orders.map((order) => {
      const product = PRODUCTS.find(({ id }) => id === order.product);
      const looks = { background: kit.theme.raised, radius: kit.dp(16), padding: kit.dp(16), gap: kit.dp(12) };
      return kit.row({ ...looks, id: "order" }, [
        kit.icon(product?.icon ?? "package", { color: kit.theme.accent }),
        kit.text(product?.name[this.language] ?? "", 16, { weight: 1, width: 0, maxLines: 1 }),
        kit.text(`${text.order} ${order.number}`, 13.5, { color: kit.theme.secondary }),
      ]);
    });
  }

  #tabs(kit: Kit): View {
    const text = BAZAAR_TEXT[this.language];
    const tab = (name: Tab, icon: IconName): View => {
      const on = name === this.#tab;
      const color = on ? kit.theme.onTinted : kit.theme.secondary;
      const background = on ? { background: kit.theme.tinted } : {};
      const pill = kit.icon(icon, {
        ...background,
        color,
        iconSize: 22,
        width: kit.dp(60),
        height: kit.dp(30),
        radius: kit.dp(15),
      });
      const options = {
        weight: 1,
        width: 0,
        height: "match",
        contentGravity: "center",
        contentVerticalGravity: "center",
        gap: kit.dp(3),
      } as const;
      return kit.column(
        { ...options, id: `tab_${name}`, description: text[name], selected: on, onClick: () => this.#open(name) },
        [pill, kit.text(text[name], 12.5, { color, bold: on })],
      );
    };
    return kit.row({ height: kit.dp(68), background: kit.theme.raised, contentVerticalGravity: "center" }, [
      tab("feed", "picture"),
      tab("shop", "bag"),
      tab("orders", "package"),
    ]);
  }
}
