/** Hands something to the browser as a file; signs that no file system likes are left out of its name. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name.replaceAll(/[\\/:*?"<>|]/g, "-");
  anchor.click();
  // The browser reads the blob after the click returned.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
