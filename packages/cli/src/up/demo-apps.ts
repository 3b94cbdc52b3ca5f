/** What every organisation owns from the start, on virtual phones: the samples that they come with. */
import type { DemoApp } from "@phonerack/control";
import { SAMPLES_SIGNER } from "@phonerack/virtual-phone";

export const DEMO_APPS: readonly DemoApp[] = [
  { package: "dev.phonerack.notes", signer: SAMPLES_SIGNER, label: "Notes" },
  { package: "dev.phonerack.blocks", signer: SAMPLES_SIGNER, label: "Blocks" },
];
