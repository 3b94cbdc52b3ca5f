/** An APK that Android would not install. `code` is its name in `Failure [CODE: message]`. */
export type ApkErrorCode =
  | "INSTALL_PARSE_FAILED_NOT_APK"
  | "INSTALL_PARSE_FAILED_BAD_MANIFEST"
  | "INSTALL_PARSE_FAILED_MANIFEST_MALFORMED"
  | "INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME"
  | "INSTALL_PARSE_FAILED_NO_CERTIFICATES"
  | "INSTALL_PARSE_FAILED_INCONSISTENT_CERTIFICATES"
  | "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION"
  | "INSTALL_FAILED_INVALID_APK"
  | "INSTALL_FAILED_MISSING_SPLIT"
  | "INSTALL_FAILED_TEST_ONLY";

export class ApkError extends Error {
  constructor(
    readonly code: ApkErrorCode,
    message: string,
  ) {
    super(message);
    this.name = "ApkError";
  }
}

/** Its zip is damaged, or built to do harm. */
export function notApk(detail: string): ApkError {
  return new ApkError("INSTALL_PARSE_FAILED_NOT_APK", detail);
}

/** Not signed, or signed for something else. */
export function noCertificates(detail: string): ApkError {
  return new ApkError("INSTALL_PARSE_FAILED_NO_CERTIFICATES", detail);
}

/** Its signatures contradict each other. */
export function inconsistent(detail: string): ApkError {
  return new ApkError("INSTALL_PARSE_FAILED_INCONSISTENT_CERTIFICATES", detail);
}
