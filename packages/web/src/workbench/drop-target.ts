/** On which phones something is dropped: by what lies under the pointer and which page is open. */
import type { DeviceId } from "@phonerack/contract/api";

export interface DropTarget {
  /** Those of them that one holds: these get it. */
  readonly held: readonly DeviceId[];
  /** All that were pointed at. */
  readonly all: readonly DeviceId[];
  /** What is outlined. */
  readonly element: Element;
}

export interface DropParts {
  readonly path: string;
  readonly selected: ReadonlySet<DeviceId>;
  readonly mayTouch: (id: DeviceId) => boolean;
  readonly membersOf: (group: string) => readonly DeviceId[];
}

/** Undefined: nothing here takes files. */
export function findTarget(under: Element, parts: DropParts): DropTarget | undefined {
  const found = aimed(under, parts);
  if (!found || found.all.length === 0) return undefined;
  return { ...found, held: found.all.filter(parts.mayTouch) };
}

function aimed(under: Element, { path, selected, membersOf }: DropParts): Omit<DropTarget, "held"> | undefined {
  const [, page, id] = path.split("/");
  const main = under.closest("main");
  if (!main) return undefined;
  if (page === "devices" && id) return { all: [decodeURIComponent(id)], element: main };
  if (page === "groups" && id) return { all: membersOf(decodeURIComponent(id)), element: main };
  if (page !== "") return undefined;
  const tile = under.closest<HTMLElement>("[data-device]");
  const dropped = tile?.dataset.device;
  if (tile && dropped !== undefined) {
    if (!selected.has(dropped)) return { all: [dropped], element: tile };
    return { all: [...selected], element: tile };
  }
  const phone = under.closest<HTMLElement>("[data-focused]");
  if (phone?.dataset.focused) return { all: [phone.dataset.focused], element: phone };
  const chassis = under.closest("[data-chassis]");
  if (!chassis) return undefined;
  const cells = [...chassis.querySelectorAll<HTMLElement>("[data-device]")];
  return { all: cells.flatMap(({ dataset }) => dataset.device ?? []), element: chassis };
}
