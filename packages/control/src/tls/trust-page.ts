/** How people make their browsers trust this lab's own authority, and what plain HTTP on the https port is told. No scripts. */
import type { Authority } from "./certificate-source.js";

export const TRUST_PATH = "/trust";
export const CA_PATH = "/trust/ca.crt";

/** One kind of machine, and what to do on it, step by step; the words are those that people see there. */
const STEPS: readonly [on: string, steps: readonly string[]][] = [
  [
    "Windows (Chrome, Edge)",
    [
      "Download the certificate and open it.",
      "<em>Install Certificate…</em> → <em>Current User</em> → <em>Place all certificates in the following store</em> → <em>Trusted Root Certification Authorities</em> → <em>Finish</em>.",
      "Compare the thumbprint that Windows asks about, then answer <em>Yes</em>. Restart the browser.",
    ],
  ],
  [
    "macOS (Safari, Chrome)",
    [
      "Download the certificate and open it: Keychain Access asks where; choose <em>login</em>.",
      "Find it there, open it, unfold <em>Trust</em>, set <em>When using this certificate</em> to <em>Always Trust</em>.",
    ],
  ],
  [
    "Linux (Chrome, Chromium)",
    [
      "Download the certificate.",
      "Open <code>chrome://certificate-manager</code> → <em>Local certificates</em> → <em>Custom</em> → <em>Trusted Certificates</em> → <em>Import</em>.",
      'Or in a terminal: <code>certutil -d sql:$HOME/.pki/nssdb -A -t "C,," -n phonerack -i ca.crt</code>.',
    ],
  ],
  [
    "Firefox, on any system",
    [
      "Settings → <em>Privacy &amp; Security</em> → <em>Certificates</em> → <em>View Certificates…</em> → <em>Authorities</em> → <em>Import…</em>",
      "Choose the downloaded file and tick <em>Trust this CA to identify websites</em>.",
    ],
  ],
  [
    "Android",
    [
      "Download the certificate.",
      "Settings → search for <em>CA certificate</em> (below <em>Security</em> → <em>Encryption &amp; credentials</em> → <em>Install a certificate</em>) → <em>CA certificate</em> → <em>Install anyway</em> → choose the file.",
    ],
  ],
  [
    "iPhone, iPad",
    [
      "Open this page in Safari, download the certificate, allow the profile.",
      "Settings → <em>Profile Downloaded</em> → <em>Install</em>.",
      "Settings → <em>General</em> → <em>About</em> → <em>Certificate Trust Settings</em> → switch it on.",
    ],
  ],
  [
    "phonerack's own commands",
    ["<code>phonerack login</code> shows the fingerprint and keeps the certificate once you have said that it is right."],
  ],
];

export function trustPage({ fingerprint }: Authority, https: string): string {
  const lists = STEPS.map(([on, steps]) => `<h2>${on}</h2><ol>${steps.map((step) => `<li>${step}</li>`).join("")}</ol>`).join("");
  return page(
    "Trust this phonerack",
    `<p>This phonerack made a certificate authority of its own, for its own machine's names and private networks only. Browsers show pictures
only over a connection that they trust.</p>
<ol><li><a href="${CA_PATH}" download="phonerack-ca.crt">Download the certificate</a>.</li>
<li>Compare its SHA-256 fingerprint with the one in the terminal of phonerack:<br><code>${fingerprint}</code></li>
<li>Install it as below, then <a href="${escapeHtml(https)}">open the console</a>.</li></ol>${lists}`,
  );
}

/** `https`: the same address, as https. */
export function plainPage(https: string): string {
  return page(
    "This phonerack speaks https",
    `<p><a href="${escapeHtml(https)}">Open it over https</a>.</p>
<p>If the browser warns: it does not know this phonerack's certificate yet. <a href="${TRUST_PATH}">How to trust it</a>, once.</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:8vh auto;padding:0 1rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}
code{overflow-wrap:anywhere}ol{padding-left:1.4rem}</style>
</head>
<body><h1>${title}</h1>${body}</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
