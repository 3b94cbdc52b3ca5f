/** An id that fits the contract, made of an organisation's name; empty where the name holds nothing that an id may. */
export function idOf(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 39)
    .replaceAll(/^-+|-+$/g, "");
}
