/** How much bandwidth the wall may take in this browser: a setting that is kept here, 40 Mbit/s unless somebody says otherwise. */
import { useLocalStorage } from "@mantine/hooks";

const KEY = "phonerack.wall-mbit";
export const USUAL_MBIT = 40;
export const LEAST_MBIT = 1;
export const MOST_MBIT = 1_000;

/** Megabits per second. */
export function readWallMbit(): number {
  return parse(localStorage.getItem(KEY));
}

export function useWallMbit() {
  return useLocalStorage<number>({ key: KEY, defaultValue: USUAL_MBIT, deserialize: parse, getInitialValueInEffect: false });
}

function parse(text: string | null | undefined): number {
  const mbit = Number(text ?? USUAL_MBIT);
  return Number.isFinite(mbit) && mbit >= LEAST_MBIT && mbit <= MOST_MBIT ? mbit : USUAL_MBIT;
}
