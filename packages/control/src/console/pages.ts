/** The two pages that control writes itself; everything else that people see is the console's. No scripts: their CSP allows none inline. */
import { ERRORS } from "@phonerack/contract/bus";

export function linkUsedPage(): string {
  return page("This link no longer works", ERRORS.link_used.message);
}

export function noConsolePage(): string {
  return page("The console is not here", "This phonerack was started without its console. The API answers below /api/v1.");
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · phonerack</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}</style>
</head>
<body><h1>${title}</h1><p>${text}</p></body>
</html>
`;
}
