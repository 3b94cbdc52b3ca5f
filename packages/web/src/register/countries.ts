/** Countries by name, as the reader's browser knows them. */
const names = new Intl.DisplayNames(undefined, { type: "region", fallback: "none" });
/** Codes with a name that are no country of ISO 3166-1. */
const NONE = new Set(["EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"]);

export function countryName(code: string): string {
  return names.of(code) ?? code;
}

export function allCountries(): readonly { readonly value: string; readonly label: string }[] {
  const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .flatMap((value) => {
      const name = NONE.has(value) ? undefined : names.of(value);
      return name === undefined ? [] : [{ value, label: `${name} · ${value}` }];
    })
    .sort((a, b) => a.label.localeCompare(b.label));
}
