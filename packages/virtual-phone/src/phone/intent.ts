/** Intents and component names, as far as activities need them. */

export interface Intent {
  readonly action?: string;
  /** A URI; deep links. */
  readonly data?: string;
  readonly type?: string;
  readonly categories?: readonly string[];
  /** `package/class`, long or short. */
  readonly component?: string;
  readonly package?: string;
  readonly extras?: Readonly<Record<string, string | number | boolean>>;
  /** Intent.FLAG_*. */
  readonly flags?: number;
}

export const ACTION = {
  main: "android.intent.action.MAIN",
  view: "android.intent.action.VIEW",
  send: "android.intent.action.SEND",
} as const;
export const CATEGORY = {
  launcher: "android.intent.category.LAUNCHER",
  home: "android.intent.category.HOME",
  default: "android.intent.category.DEFAULT",
  browsable: "android.intent.category.BROWSABLE",
} as const;
export const FLAG = {
  newTask: 0x10000000,
  clearTop: 0x04000000,
  clearTask: 0x00008000,
  singleTop: 0x20000000,
  launchedFromHome: 0x00200000,
  grantRead: 0x00000001,
} as const;

export interface Component {
  readonly package: string;
  /** Full class name. */
  readonly activity: string;
}

/** Reads `a.b/.C`, `a.b/C` and `a.b/a.b.C`. @returns undefined when it is none. */
export function parseComponent(text: string): Component | undefined {
  const slash = text.indexOf("/");
  if (slash <= 0 || slash === text.length - 1) return undefined;
  const packageName = text.slice(0, slash);
  const name = text.slice(slash + 1);
  return { package: packageName, activity: name.startsWith(".") ? packageName + name : name };
}

/** `a.b/.C`: how logs and dumpsys print it. */
export function shortComponent({ package: packageName, activity }: Component): string {
  return `${packageName}/${activity.startsWith(`${packageName}.`) ? activity.slice(packageName.length) : activity}`;
}

/** `a.b/a.b.C`. */
export function longComponent(component: Component): string {
  return `${component.package}/${component.activity}`;
}

/** As Intent.toString prints it, without the word before: `{ act=… cmp=… }`. */
export function describeIntent(intent: Intent): string {
  const parts: string[] = [];
  if (intent.action) parts.push(`act=${intent.action}`);
  if (intent.categories?.length) parts.push(`cat=[${intent.categories.join(",")}]`);
  if (intent.data) parts.push(`dat=${intent.data}`);
  if (intent.type) parts.push(`typ=${intent.type}`);
  if (intent.flags) parts.push(`flg=0x${intent.flags.toString(16)}`);
  if (intent.package) parts.push(`pkg=${intent.package}`);
  if (intent.component) {
    const component = parseComponent(intent.component);
    parts.push(`cmp=${component ? shortComponent(component) : intent.component}`);
  }
  if (intent.extras && Object.keys(intent.extras).length) parts.push("(has extras)");
  return `{ ${parts.join(" ")} }`;
}
