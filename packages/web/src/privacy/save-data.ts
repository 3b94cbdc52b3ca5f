/** What is kept of somebody, as a file of theirs. */
import type { PersonalData } from "@phonerack/contract/api";
import { saveFile } from "../page/save-file.js";

/** @returns of what there is more than the file has */
export function saveData(data: PersonalData, name: string): readonly string[] {
  const text = JSON.stringify(data, undefined, 1);
  saveFile(new Blob([text], { type: "application/json" }), `${name}.json`);
  return data.cut;
}
