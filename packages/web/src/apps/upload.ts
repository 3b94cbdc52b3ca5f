/** Sends an APK as it is. By XMLHttpRequest: `fetch` does not tell how much of a body is sent, and an app may have a gigabyte. */
import { API_PREFIX, type App, PhonerackError, readApiError } from "@phonerack/contract/api";

const TYPE = "application/vnd.android.package-archive";

export interface UploadOptions {
  /** From 0 to 1. At 1 all is sent, and control verifies it. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** Throws a PhonerackError as control answers, and another error when control could not be asked, or the upload was given up. */
export function uploadApk(file: Blob, { onProgress, signal }: UploadOptions): Promise<App> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${API_PREFIX}/apps`);
    request.setRequestHeader("content-type", TYPE);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as App);
      else reject(readApiError(request.response) ?? new PhonerackError("internal"));
    };
    request.onerror = () => reject(new Error("control did not answer"));
    request.onabort = () => reject(new Error("given up"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
