/**
 * How an unmodified phone is made to show a text, without an app of ours. Android's own HTML viewer (com.android.htmlviewer, part of AOSP) opens
 * a page that the shell lays where its own content provider gives it out: `bugreports/` of com.android.shell, whose provider grants what the
 * shell's user grants (frameworks/base packages/Shell: AndroidManifest.xml, res/xml/file_provider_paths.xml; packages/apps/HTMLViewer). It asks
 * for no storage permission, so scoped storage does not touch it. Where a vendor took the viewer out, the screen blinks: its colours are
 * inverted, every second one second, which the accessibility settings of every Android since 5 can do.
 */

export const VIEWER = "com.android.htmlviewer";
const FOLDER = "/data/user_de/0/com.android.shell/files/bugreports";
const NAME = "phonerack-identify.html";
/** While it is there, the screen blinks. */
const FLAG = "/data/local/tmp/phonerack-blink";
const INVERTED = "secure accessibility_display_inversion_enabled";

export function showCommand(text: string): string {
  return [
    "input keyevent WAKEUP; wm dismiss-keyguard",
    `mkdir -p ${FOLDER}; printf %s ${quoted(page(text))} > ${FOLDER}/${NAME} && chmod 644 ${FOLDER}/${NAME}`,
    `am start -n ${VIEWER}/.HTMLViewerActivity -a android.intent.action.VIEW -d content://com.android.shell/bugreports/${NAME} -t text/html --grant-read-uri-permission --activity-clear-task --es android.intent.extra.TITLE ${quoted(text)}`,
  ].join("; ");
}

/** What `am start` prints when it did not. */
export function wasRefused(output: string): boolean {
  return /Error|Exception/.test(output);
}

export const HIDE_COMMAND = `am force-stop ${VIEWER}; rm -f ${FOLDER}/${NAME}`;

/** Brings an app to the front as its icon would; undefined for the viewer itself, and for what is no package's name. */
export function backCommand(packageName: string): string | undefined {
  if (packageName === VIEWER || !/^[A-Za-z][\w.]*$/.test(packageName)) return undefined;
  return `am start ${packageName}`;
}

/** Ends by itself, and when the flag is taken away; the setting is then as it was. */
export function blinkCommand(seconds: number): string {
  return [
    `old=$(settings get ${INVERTED}); touch ${FLAG}; left=${Math.ceil(seconds / 2)}`,
    `while [ -e ${FLAG} ] && [ $left -gt 0 ]; do settings put ${INVERTED} 1; sleep 1; settings put ${INVERTED} 0; sleep 1; left=$((left-1)); done`,
    `rm -f ${FLAG}; if [ "$old" = null ]; then settings delete ${INVERTED}; else settings put ${INVERTED} "$old"; fi`,
  ].join("; ");
}

export const STOP_BLINKING_COMMAND = `rm -f ${FLAG}`;

/** As large as its length allows, black on yellow: to be read across a room. */
function page(text: string): string {
  const size = Math.max(8, Math.min(70, Math.floor(120 / text.length)));
  const style = `margin:0;height:100vh;display:flex;align-items:center;justify-content:center;background:#ffd400;color:#111111;font:bold ${size}vmin sans-serif`;
  const words = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${words}</title>`;
  return `<!doctype html><html><head>${head}</head><body style="${style}">${words}</body></html>`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
