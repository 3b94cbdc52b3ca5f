/** Apps that come with phonerack and are everybody's, on virtual phones only: their key is public, so on a real phone anybody's app could bear it. */
import type { App, Grounds } from "@phonerack/contract/bus";
import { fixedId } from "../ids.js";

export interface DemoApp {
  readonly package: string;
  /** SHA-256 of its certificate, lower-case hex. */
  readonly signer: string;
  readonly label: string;
}

/** As one tenant's apps. */
export function demoApps(demo: readonly DemoApp[], tenant: string, at: number): App[] {
  return demo.map(({ package: name, signer, label }) => ({
    id: idOf(tenant, { package: name, signer }),
    tenant,
    package: name,
    signer,
    signerName: "phonerack's samples",
    label,
    versionCode: 1,
    versionName: "1.0",
    scheme: 3,
    hasIcon: false,
    uploadedAt: at,
    uploadedBy: "phonerack",
    ownership: { how: "demo", by: "phonerack", byName: "phonerack", at, reason: "It comes with phonerack, for virtual phones." },
    obstacles: [],
  }));
}

export function demoGrounds(demo: readonly DemoApp[], tenant: string): Grounds["owned"] {
  return demo.map(({ package: name, signer }) => ({
    id: idOf(tenant, { package: name, signer }),
    package: name,
    signer,
    only: "virtual",
  }));
}

function idOf(tenant: string, app: { package: string; signer: string }): string {
  return fixedId("demo", tenant, app.package, app.signer);
}
