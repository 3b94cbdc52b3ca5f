/**
 * "reverse:": sockets of the phone that end at the host (`adb reverse`). They belong to the connection that asked and go with it.
 */
import {
  encodeForwardFail,
  encodeForwardList,
  encodeForwardOkay,
  parseForwardRequest,
  WireError,
} from "@phonerack/android-wire/adb";
import type { LocalListener, LocalSocket, LocalSockets } from "./local-sockets.js";
import { normaliseAddress } from "./local-sockets.js";

interface Reverse {
  listener: LocalListener;
  connect: string;
}

export class ReverseForwards {
  #bound = new Map<string, Reverse>();
  readonly #sockets: LocalSockets;
  readonly #open: (destination: string, socket: LocalSocket) => void;

  /** `open` asks the host for a stream to `destination` and joins it with `socket`. */
  constructor(sockets: LocalSockets, open: (destination: string, socket: LocalSocket) => void) {
    this.#sockets = sockets;
    this.#open = open;
  }

  /** Answers one request: the text after "reverse:". */
  answer(text: string): Uint8Array {
    try {
      return this.#answer(text);
    } catch (error) {
      return encodeForwardFail(error instanceof Error ? error.message : "failed");
    }
  }

  /** The connection is over. */
  close(): void {
    for (const reverse of this.#bound.values()) reverse.listener.close();
    this.#bound.clear();
  }

  #answer(text: string): Uint8Array {
    const request = parseForwardRequest(text);
    switch (request.type) {
      case "list":
        return encodeForwardList([...this.#bound].map(([listen, { connect }]) => ({ serial: "host-1", listen, connect })));
      case "kill-all":
        this.close();
        return encodeForwardOkay();
      case "kill":
        return this.#kill(request.listen);
      case "forward":
        return this.#bind(request);
    }
  }

  #kill(listen: string): Uint8Array {
    const reverse = this.#bound.get(listen);
    if (!reverse) throw new WireError("bad-forward-request", `listener '${listen}' not found`);
    reverse.listener.close();
    this.#bound.delete(listen);
    return encodeForwardOkay();
  }

  #bind(request: { listen: string; connect: string; rebind: boolean }): Uint8Array {
    const address = normaliseAddress(request.listen);
    if (!address)
      throw new WireError("bad-forward-request", `cannot bind listener: unknown socket specification '${request.listen}'`);
    const port = address === "tcp:0" ? this.#sockets.freePort() : undefined;
    const listen = port === undefined ? request.listen : `tcp:${port}`;
    const bound = this.#bound.get(listen);
    if (bound) {
      if (!request.rebind) throw new WireError("bad-forward-request", "cannot rebind existing socket");
      bound.connect = request.connect;
      return encodeForwardOkay();
    }
    const listenAddress = port === undefined ? address : `tcp:${port}`;
    if (this.#sockets.isBound(listenAddress)) {
      throw new WireError("bad-forward-request", "cannot bind listener: Address already in use");
    }
    const reverse: Reverse = {
      connect: request.connect,
      listener: this.#sockets.listen(listenAddress, (socket) => this.#open(reverse.connect, socket)),
    };
    this.#bound.set(listen, reverse);
    return encodeForwardOkay(port);
  }
}
