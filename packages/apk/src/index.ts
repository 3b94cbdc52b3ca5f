/** Android packages: read, verified, and (for phones made of code and for tests) built. No I/O: bytes come through a `ByteRange`. */
export { type Apk, readApk } from "./apk.js";
export { type ApkPlan, buildApk } from "./apk-builder.js";
export { ApkError, type ApkErrorCode } from "./apk-error.js";
export { attribute, childrenNamed, parseBinaryXml, type XmlElement } from "./binary-xml.js";
export { selfSigned } from "./certificate-builder.js";
export type { ActivityInfo, ApkFacts, IntentFilter, Picture, Power } from "./facts.js";
export { installedSigner } from "./installed-signer.js";
export { decodePng } from "./png.js";
export { encodePng, shrunk } from "./png-encoder.js";
export { Resources, type Wanted } from "./resources.js";
export { readSigner, type Signer } from "./signer.js";
export type { SignatureScheme, SigningKey } from "./signing-block.js";
export { readStringTable, type StringTable } from "./string-table.js";
export { type ByteRange, openZip, readEntry, type Zip } from "./zip.js";
