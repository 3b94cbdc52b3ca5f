/** Browsers give passkeys to secure pages only, and bind them to a name: a bare IP address is none. */
export function passkeysWork(): boolean {
  return globalThis.isSecureContext && "PublicKeyCredential" in globalThis && !/^[\d.]+$|^\[/.test(location.hostname);
}
