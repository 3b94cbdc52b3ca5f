/** Sends bytes as they are. By XMLHttpRequest: `fetch` does not tell how much of a body is sent, and a file may have a gigabyte. */
import { API_PREFIX, readApiError } from "@phonerack/contract/api";

export interface BytesToSend {
  readonly method: "POST" | "PUT";
  /** Below the API's prefix. */
  readonly path: string;
  readonly type: string;
  readonly body: Blob;
  /** How many are sent. */
  readonly onSent: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** What control answers, not read by any schema. Throws a PhonerackError as control says, and another error when it could not be asked, or sending was given up. */
export function sendBytes({ method, path, type, body, onSent, signal }: BytesToSend): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, API_PREFIX + path);
    request.setRequestHeader("content-type", type);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(readApiError(request.response) ?? new Error(`control answered with ${request.status}`));
    };
    request.onerror = () => reject(new Error("control did not answer"));
    request.onabort = () => reject(new Error("given up"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}
