/** The invented posts, goods and words of Bazaar. */
import type { Language } from "../../models/model.js";
import type { Canvas } from "../../screen/canvas.js";
import { mix, rgb, withAlpha } from "../../screen/geometry.js";
import type { IconName } from "../../screen/icons.js";

export interface Post {
  readonly id: number;
  readonly author: string;
  readonly text: Readonly<Record<Language, string>>;
  /** Likes and comments of others. */
  readonly likes: number;
  readonly comments: number;
  readonly art: Art;
}

export interface Product {
  readonly id: number;
  readonly name: Readonly<Record<Language, string>>;
  /** In cents. */
  readonly price: number;
  readonly stars: string;
  readonly icon: IconName;
  readonly art: Art;
}

export interface Art {
  readonly from: number;
  readonly to: number;
  readonly seed: number;
}

export const POSTS: readonly Post[] = [
  {
    id: 1,
    author: "mira.bakes",
    text: {
      en: "Sourdough, day four. It finally rose!",
      zh: "酸面包第四天,终于发起来了!",
      fr: "Levain, quatrième jour. Il a enfin levé !",
      de: "Sauerteig, Tag vier. Endlich ist er aufgegangen!",
    },
    likes: 1284,
    comments: 46,
    art: { from: 0xf6c177, to: 0xd97757, seed: 3 },
  },
  {
    id: 2,
    author: "jon_on_hills",
    text: {
      en: "Up before the sun for this view.",
      zh: "为了这片景色,天没亮就上山了。",
      fr: "Levé avant le soleil pour cette vue.",
      de: "Vor der Sonne auf für diese Aussicht.",
    },
    likes: 873,
    comments: 21,
    art: { from: 0x5b8def, to: 0xf3d49b, seed: 11 },
  },
  {
    id: 3,
    author: "studio.lune",
    text: {
      en: "New glaze test: sea after rain.",
      zh: "新釉色试验:雨后的海。",
      fr: "Nouvel émail : la mer après la pluie.",
      de: "Neue Glasur: das Meer nach dem Regen.",
    },
    likes: 2410,
    comments: 118,
    art: { from: 0x2fa4a0, to: 0x274b6d, seed: 5 },
  },
  {
    id: 4,
    author: "bike.kitchen",
    text: {
      en: "Fixed 31 bikes this Saturday. Thank you all!",
      zh: "这个周六修好了 31 辆自行车,谢谢大家!",
      fr: "31 vélos réparés samedi. Merci à tous !",
      de: "Am Samstag 31 Räder repariert. Danke euch allen!",
    },
    likes: 642,
    comments: 33,
    art: { from: 0x8bc34a, to: 0x33691e, seed: 8 },
  },
  {
    id: 5,
    author: "nightgarden",
    text: {
      en: "The moonflowers opened at nine.",
      zh: "月光花九点开了。",
      fr: "Les fleurs de lune se sont ouvertes à neuf heures.",
      de: "Die Mondblumen haben sich um neun geöffnet.",
    },
    likes: 1507,
    comments: 64,
    art: { from: 0x6a4fbf, to: 0x1f1b4a, seed: 2 },
  },
];

export const PRODUCTS: readonly Product[] = [
  {
    id: 1,
    name: { en: "Walnut desk lamp", zh: "胡桃木台灯", fr: "Lampe en noyer", de: "Schreibtischlampe aus Walnuss" },
    price: 4900,
    stars: "4.8",
    icon: "sun",
    art: { from: 0xffd08a, to: 0xc9773d, seed: 1 },
  },
  {
    id: 2,
    name: { en: "Canvas day bag", zh: "帆布日用包", fr: "Sac en toile", de: "Tagestasche aus Segeltuch" },
    price: 3650,
    stars: "4.6",
    icon: "bag",
    art: { from: 0xb7d3a8, to: 0x5a7f4c, seed: 4 },
  },
  {
    id: 3,
    name: { en: "Pocket camera", zh: "口袋相机", fr: "Appareil de poche", de: "Taschenkamera" },
    price: 12900,
    stars: "4.4",
    icon: "camera",
    art: { from: 0xa9c1e8, to: 0x4a6aa8, seed: 6 },
  },
  {
    id: 4,
    name: { en: "Wooden blocks", zh: "木制积木", fr: "Cubes en bois", de: "Holzklötze" },
    price: 2400,
    stars: "4.9",
    icon: "blocks",
    art: { from: 0xf5b5c0, to: 0xc05a78, seed: 9 },
  },
  {
    id: 5,
    name: { en: "Kitchen clock", zh: "厨房时钟", fr: "Horloge de cuisine", de: "Küchenuhr" },
    price: 1890,
    stars: "4.2",
    icon: "clock",
    art: { from: 0xd6c7f0, to: 0x7a62b8, seed: 12 },
  },
  {
    id: 6,
    name: { en: "Quiet bell", zh: "静音铃", fr: "Clochette", de: "Leise Glocke" },
    price: 990,
    stars: "4.7",
    icon: "bell",
    art: { from: 0xf7e3a1, to: 0xb8943a, seed: 15 },
  },
];

const EN = {
  feed: "Feed",
  shop: "Shop",
  orders: "Orders",
  follow: "Follow",
  following: "Following",
  comment: "Add a comment",
  send: "Send",
  comments: "Comments",
  you: "you",
  buy: "Buy now",
  ordered: "Order placed",
  noOrders: "You have not ordered anything yet.",
  order: "Order",
  pinch: "Pinch to zoom",
  likes: "likes",
};
export type BazaarText = typeof EN;

export const BAZAAR_TEXT: Readonly<Record<Language, BazaarText>> = {
  en: EN,
  zh: {
    feed: "动态",
    shop: "商店",
    orders: "订单",
    follow: "关注",
    following: "已关注",
    comment: "添加评论",
    send: "发送",
    comments: "评论",
    you: "我",
    buy: "立即购买",
    ordered: "下单成功",
    noOrders: "您还没有下过单。",
    order: "订单",
    pinch: "双指缩放",
    likes: "个赞",
  },
  fr: {
    feed: "Fil",
    shop: "Boutique",
    orders: "Commandes",
    follow: "Suivre",
    following: "Abonné",
    comment: "Ajouter un commentaire",
    send: "Envoyer",
    comments: "Commentaires",
    you: "moi",
    buy: "Acheter",
    ordered: "Commande passée",
    noOrders: "Vous n'avez encore rien commandé.",
    order: "Commande",
    pinch: "Pincez pour zoomer",
    likes: "j'aime",
  },
  de: {
    feed: "Beiträge",
    shop: "Laden",
    orders: "Bestellungen",
    follow: "Folgen",
    following: "Folge ich",
    comment: "Kommentar schreiben",
    send: "Senden",
    comments: "Kommentare",
    you: "ich",
    buy: "Jetzt kaufen",
    ordered: "Bestellt",
    noOrders: "Sie haben noch nichts bestellt.",
    order: "Bestellung",
    pinch: "Zum Zoomen spreizen",
    likes: "Likes",
  },
};

export function priceText(cents: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" }).format(cents / 100);
}

/** A picture that looks like something, from two colours and a number. */
export function paintArt(
  canvas: Canvas,
  size: { readonly width: number; readonly height: number },
  art: Art & { readonly radius?: number },
): void {
  const { width, height } = size;
  const [from, to] = [rgb(art.from), rgb(art.to)];
  const rect = { x: 0, y: 0, width, height };
  canvas.gradient(rect, { from, to, direction: "diagonal", radius: art.radius ?? 0 });
  const s = art.seed;
  canvas.clip({ x: width * 0.02, y: height * 0.02, width: width * 0.96, height: height * 0.96 }, () => {
    canvas.fillCircle(
      { x: width * (0.2 + ((s * 37) % 50) / 100), y: height * 0.35 },
      height * 0.2,
      withAlpha(mix(from, 0xffffffff, 0.6), 0.85),
    );
    const hill = [
      { x: 0, y: height },
      { x: 0, y: height * 0.78 },
      { x: width * (0.25 + (s % 5) / 30), y: height * 0.5 },
      { x: width * 0.55, y: height * 0.8 },
      { x: width * (0.75 + (s % 3) / 30), y: height * 0.58 },
      { x: width, y: height * 0.82 },
      { x: width, y: height },
    ];
    canvas.polygon(hill, withAlpha(mix(to, 0xff000000, 0.25), 0.8));
  });
}
