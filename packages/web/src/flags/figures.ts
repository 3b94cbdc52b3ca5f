/** What a rule counted, each figure beside the bound from which it flags. */
import { FLAG_BOUNDS, type Flag } from "@phonerack/contract/api";

export type FigureName = "hour" | "day" | "used" | "reached" | "resets" | "times" | "devices" | "held" | "hours" | "variation";

export interface Figure {
  readonly name: FigureName;
  readonly value: number;
  readonly bound: number;
  /** Which side of the bound flags: more than it, it and more, less than it. */
  readonly flags: "above" | "from" | "below";
  readonly beyond: boolean;
}

/** Whoever may not see what was measured (whom an organisation is linked with) has none. */
export function figuresOf({ rule, measured }: Pick<Flag, "rule" | "measured">): Figure[] {
  if (Object.keys(measured).length === 0) return [];
  const number = (name: string): number => (typeof measured[name] === "number" ? measured[name] : 0);
  switch (rule) {
    case "budget":
      return [
        figure("hour", number("hour"), { above: FLAG_BOUNDS.budget.hour }),
        figure("day", number("day"), { above: FLAG_BOUNDS.budget.day }),
      ];
    case "fan-out": {
      const bound = { from: FLAG_BOUNDS["fan-out"].devices };
      const used = figure("used", number("devices"), bound);
      return number("tried") === 0 ? [used] : [used, figure("reached", number("devices") + number("tried"), bound)];
    }
    case "resets":
      return [figure("resets", number("resets"), { above: FLAG_BOUNDS.resets.resets })];
    case "accounts":
      return [
        figure("times", number("times"), { from: FLAG_BOUNDS.accounts.times }),
        figure("devices", number("devices"), { from: FLAG_BOUNDS.accounts.devices }),
      ];
    case "linked":
      return [figure("held", number("devices"), { above: FLAG_BOUNDS.linked.devices })];
    case "duty":
      return [
        figure("hours", number("hours"), { above: FLAG_BOUNDS.duty.hours }),
        figure("variation", number("variation"), { below: FLAG_BOUNDS.duty.variation }),
      ];
  }
}

type Bound = { readonly above: number } | { readonly from: number } | { readonly below: number };

function figure(name: FigureName, value: number, bound: Bound): Figure {
  if ("above" in bound) return { name, value, bound: bound.above, flags: "above", beyond: value > bound.above };
  if ("from" in bound) return { name, value, bound: bound.from, flags: "from", beyond: value >= bound.from };
  return { name, value, bound: bound.below, flags: "below", beyond: value < bound.below };
}

/** Where value and bound stand on a bar, 0 to 1: the bound is never at its end. */
export function placesOf({ value, bound }: Figure): { value: number; bound: number } {
  const whole = Math.max(value, bound * 1.5);
  return { value: value / whole, bound: bound / whole };
}
