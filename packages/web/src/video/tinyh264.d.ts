declare module "tinyh264/es/TinyH264.js" {
  /** Instantiates the WebAssembly module. */
  // biome-ignore lint/style/noDefaultExport: so the library exports it.
  export default function load(): Promise<unknown>;
}

declare module "tinyh264/es/TinyH264Decoder.js" {
  // biome-ignore lint/style/noDefaultExport: so the library exports it.
  export default class TinyH264Decoder {
    constructor(wasm: unknown, onPicture: (i420: Uint8Array, width: number, height: number) => void);
    decode(annexB: Uint8Array): void;
    release(): void;
  }
}
