/**
 * Whose keys everybody has, and whose packages everybody knows: what nobody proves here. A list can only name the best known; a lab adds its own
 * in `<data>/well-known-apps.json`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PackageName, PhonerackError, SignerDigest } from "@phonerack/contract/bus";
import { z } from "zod";

/** By package: SHA-256 of the certificates of its maker, lower-case hex; empty where nobody published them. */
export type WellKnownApps = Readonly<Record<string, readonly string[]>>;

/** SHA-256 of the certificates in AOSP's build/target/product/security, whose private keys lie beside them; and of phonerack's own samples. */
export const PUBLIC_KEYS: ReadonlyMap<string, string> = new Map([
  ["a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc", "testkey"],
  ["c8a2e9bccf597c2fb6dc66bee293fc13f2fc47ec77bc6b2b0d52c11f51192ab8", "platform"],
  ["28bbfe4a7b97e74681dc55c2fbb6ccb8d6c74963733f6af6ae74d8c3a6e879fd", "shared"],
  ["465983f7791f2abeb43ea2cbdc7f21a8260b72bc08a55c839fc1a43bc741a81e", "media"],
  ["e1dbadce60dc080d15b58a014b0dcf9400e24de23fa00b287a5a982bfebda2ee", "networkstack"],
  ["abf21f9e2af1d881cc673fddcefa6ed9c269a437bd64b279cf45844cfd589126", "sdk_sandbox"],
  ["a6ccc500ff0e7421200eb66a7fe174ef1b00e52ca91727070cbedf061ff76c35", "bluetooth"],
  ["fae9122a8721d6e2a196d2224dffcf773c9127e2bb956cbddb40b009192ffdfd", "nfc"],
  ["ce7b2b47ae2b7552c8f92cc29124279883041fb623a5f194a82c9bf15d492aa0", "cts_uicc_2021"],
  ["f11620bf36f3d3b70ca06c7601f9b721bbe3a50523b324f4e98998ef898ff51c", "phonerack platform"],
  ["5e9fb3da25a80ff201849217a3859fb162c0cdfb2188c3887ecbfdbae5b6d8ec", "phonerack samples"],
  ["01a81738782def5a37a9a9ada429da96babdb6a4150afb9bdb0ae0a3fd83ea28", "bazaar inc"],
]);

const GOOGLE = [
  "f0fd6c5b410f25cb25c3b53346c8972fae30f8ee7411df910480ad6b2d60db83",
  "7ce83c1b71f3d572fed04c8d40c5cb10ff75e6d87d9df6fbd53f0468c2905053",
];
const META = ["e3f9e1e0cf99d0e56a055ba65e241b3399f7cea524326b0cdd6ec1327ed0fdc1"];

/** Signers as independent public sources give them (app verifiers, password managers); an entry without any is nobody's to prove. */
const SIGNED: WellKnownApps = {
  "com.android.chrome": GOOGLE,
  "com.android.vending": GOOGLE,
  "com.google.android.gms": GOOGLE,
  "com.google.android.apps.maps": GOOGLE,
  "com.google.android.inputmethod.latin": GOOGLE,
  "com.google.android.youtube": [
    "3d7a1223019aa39d9ea0e3436ab7c0896bfb4fb679f4de5fe7c23f326c8f994a",
    "5aad2bee6db95d17e05a08d7d1e64c10a1511879154483916b6ae6c7fd9cb0c6",
  ],
  "com.facebook.katana": META,
  "com.facebook.orca": META,
  "com.instagram.android": ["5f3e50f435583c9ae626302a71f7340044087a7e2c60adacfc254205a993e305"],
  "com.whatsapp": [
    "3987d043d10aefaf5a8710b3671418fe57e0e19b653c9df82558feb5ffce5d44",
    "fb920d381bee1b2093f27dc8f13d994da629dc91887d0529b35c9a2dc4f4a6c2",
  ],
  "com.zhiliaoapp.musically": ["9041803e91bcb814b4b4399fb5c85a91640b755e5e8ba76813814bf4cf2ab5ba"],
  "com.einnovation.temu": ["8adefece3749dcf23c3ceb3a8bbbc9a1d88091b676300588911bb58b85970baf"],
  "org.thoughtcrime.securesms": ["29f34e5f27f211b424bc5bf9d67162c0eafba2da35af35c16416fc446276ba26"],
};

/** The networks, shops and games that machines of this kind are misused on. */
const UNSIGNED = [
  "com.tencent.mm",
  "com.tencent.mobileqq",
  "com.tencent.tmgp.sgame",
  "com.tencent.qqlive",
  "com.ss.android.ugc.aweme",
  "com.ss.android.ugc.aweme.lite",
  "com.ss.android.article.news",
  "com.ss.android.ugc.trill",
  "com.smile.gifmaker",
  "com.kuaishou.nebula",
  "com.xingin.xhs",
  "com.sina.weibo",
  "com.zhihu.android",
  "tv.danmaku.bili",
  "com.eg.android.AlipayGphone",
  "com.taobao.taobao",
  "com.tmall.wireless",
  "com.taobao.idlefish",
  "com.jingdong.app.mall",
  "com.xunmeng.pinduoduo",
  "com.sankuai.meituan",
  "com.dianping.v1",
  "com.sdu.didi.psnger",
  "com.baidu.searchbox",
  "com.netease.cloudmusic",
  "com.twitter.android",
  "com.snapchat.android",
  "com.reddit.frontpage",
  "com.pinterest",
  "com.linkedin.android",
  "com.discord",
  "com.spotify.music",
  "com.netflix.mediaclient",
  "com.amazon.mShop.android.shopping",
  "com.ebay.mobile",
  "com.shopee.id",
  "com.lazada.android",
  "com.alibaba.aliexpresshd",
  "com.zzkko",
  "com.ubercab",
  "com.airbnb.android",
  "com.booking",
  "com.tripadvisor.tripadvisor",
  "com.tinder",
  "com.bumble.app",
  "org.telegram.messenger",
  "jp.naver.line.android",
  "com.kakao.talk",
  "com.vkontakte.android",
  "com.google.android.gm",
  "com.google.android.apps.messaging",
  "com.paypal.android.p2pmobile",
  "com.roblox.client",
  "com.supercell.clashofclans",
  "com.king.candycrushsaga",
] as const;

export const WELL_KNOWN: WellKnownApps = { ...Object.fromEntries(UNSIGNED.map((name) => [name, []])), ...SIGNED };

const File = z.record(PackageName, z.array(SignerDigest));

/** The shipped list with that of the data folder, which counts where both name a package. Fails with `data_unwritable` for a file that is none. */
export async function wellKnownApps(dataDir: string): Promise<WellKnownApps> {
  const path = join(dataDir, "well-known-apps.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return WELL_KNOWN;
  try {
    return { ...WELL_KNOWN, ...File.parse(JSON.parse(text)) };
  } catch (cause) {
    throw new PhonerackError("data_unwritable", `${path} is not {"package": ["SHA-256 of a signer"]}`, { cause });
  }
}
