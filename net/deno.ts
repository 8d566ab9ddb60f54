/**
 * The adapter to Deno's native sockets.
 *
 * It decides nothing.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Address } from "../core/address.ts";
import type { HeartlineError } from "../core/errors.ts";
import type { DatagramSink, DatagramSocket } from "./datagram.ts";
import { failure } from "./failure.ts";
import { kernelDrops } from "./kernel_drops.ts";
import type { Net } from "./net.ts";
import {
  BACKLOG,
  FIRST_READ,
  nextReadSize,
  type StreamConnection,
  type StreamListener,
  type StreamSink,
} from "./stream.ts";

// The packed npm form must not hold a bare `Deno`, and this file is only loaded where it exists.
const runtime = globalThis.Deno;

/** Whether this runtime has native datagram sockets: they need `--unstable-net`. */
export function hasDatagrams(): boolean {
  return typeof runtime.listenDatagram === "function";
}

/** Deno's own sockets. */
export const denoNet: Net = {
  bindDatagram: (at) => attempt("listen on", at, () => bind(at)),
  listenStream: (at) => attempt("listen on", at, () => listen(at)),
  async connectStream(to, { signal } = {}) {
    try {
      const target = { ...inet(to), transport: "tcp" } as const;
      return connectionOf(await runtime.connect(signal ? { ...target, signal } : target));
    } catch (error) {
      // A signal aborts with any reason, which is then what is thrown.
      throw failure("connect to", to, signal?.aborted ? { name: "AbortError" } : error);
    }
  },
  async lookup(hostname) {
    if (isIP(hostname)) return hostname;
    const at = { hostname, port: 0 };
    return await attempt("find", at, async () => (await lookup(hostname)).address);
  },
};

/** Runs `action`; whatever it throws, now or later, becomes a typed error. */
async function attempt<Result>(
  act: string,
  where: Address,
  action: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw failure(act, where, error);
  }
}

function inet({ hostname, port }: Address): Address {
  return { hostname, port };
}

function bind(at: Address): DatagramSocket {
  const socket = runtime.listenDatagram({ ...inet(at), transport: "udp" });
  const address = inet(socket.addr as Deno.NetAddr);
  let closed = false;
  return {
    address,
    receive: (sink) => receiveDatagrams(socket, sink, () => closed),
    send(bytes, to, sent, failed) {
      const at = { transport: "udp", hostname: to.hostname, port: to.port } as const;
      socket.send(bytes, at).then(sent, (error) => failed(failure("send to", to, error), to));
    },
    kernelDrops: () => kernelDrops(address, runtime.readTextFileSync),
    close() {
      if (!closed) socket.close();
      closed = true;
    },
  };
}

async function receiveDatagrams(
  socket: Deno.DatagramConn,
  sink: DatagramSink,
  closed: () => boolean,
): Promise<void> {
  // One buffer for all: `for await` would allocate 64 KiB for each datagram.
  const buffer = new Uint8Array(LARGEST_DATAGRAM);
  while (!closed()) {
    let received: [Uint8Array, Deno.Addr];
    try {
      received = await socket.receive(buffer);
    } catch (error) {
      if (closed()) return;
      // An error of the last send may surface here; a receive that fails for good would spin.
      if (error instanceof runtime.errors.BadResource) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE));
      continue;
    }
    sink(received[0], received[1] as Deno.NetAddr);
  }
}

function listen(at: Address): StreamListener {
  const listener = runtime.listen({ ...inet(at), transport: "tcp", tcpBacklog: BACKLOG });
  let closed = false;
  return {
    address: inet(listener.addr),
    async accept(sink, failed) {
      while (!closed) {
        let connection: Deno.TcpConn;
        try {
          connection = await listener.accept();
        } catch (error) {
          if (closed) return;
          failed(failure("accept on", inet(listener.addr), error));
          // Out of descriptors, accept fails at once and for a while.
          await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE));
          continue;
        }
        sink(connectionOf(connection));
      }
    },
    close() {
      if (!closed) listener.close();
      closed = true;
    },
  };
}

function connectionOf(socket: Deno.TcpConn): StreamConnection {
  noDelay(socket);
  return new NativeConnection(socket);
}

/** A class and no closures: a server may have 10,000 of them. */
class NativeConnection implements StreamConnection {
  readonly #socket: Deno.TcpConn;
  #closed = false;
  #unsent = 0;
  /** The write that the next one must come behind. */
  #last = WRITTEN;
  /** What broke the connection, when a write was told of it. */
  #broken: unknown;

  constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  get remote(): Address {
    return inet(this.#socket.remoteAddr);
  }

  get local(): Address {
    return inet(this.#socket.localAddr);
  }

  /** A loop of reactions: an async function would make every read dearer. */
  receive(sink: StreamSink): Promise<void> {
    return new Promise((resolve, reject) => {
      let buffer = new Uint8Array(FIRST_READ);
      const read = (): void =>
        this.#closed ? resolve() : void this.#socket.read(buffer).then(took, failed);
      const took = (count: number | null): void => {
        if (this.#closed) return resolve();
        // The system tells once what broke a connection: a write that asked first leaves a plain end.
        if (count === null && this.#broken !== undefined) return failed(this.#broken);
        if (count === null) return resolve();
        try {
          const taken = sink(buffer.subarray(0, count));
          const size = nextReadSize(buffer.length, count);
          if (size !== buffer.length) buffer = new Uint8Array(size);
          if (taken) taken.then(read, reject);
          else read();
        } catch (error) {
          reject(error);
        }
      };
      const failed = (error: unknown): void =>
        this.#closed ? resolve() : reject(failure("read from", this.remote, error));
      read();
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(closedHere(this.remote));
    const idle = this.#unsent === 0;
    this.#unsent += bytes.length;
    // Behind an unfinished write only: an idle connection must not wait for a settled promise.
    return this.#last = idle ? this.#write(bytes) : this.#last.then(() => this.#write(bytes));
  }

  end(): Promise<void> {
    return this.#closed ? Promise.reject(closedHere(this.remote)) : this.#endAfter(this.#last);
  }

  close(): void {
    if (!this.#closed) this.#socket.close();
    this.#closed = true;
  }

  /** There is no SO_LINGER: the runtime always sends a FIN first. */
  reset(): void {
    this.close();
  }

  /** Reactions and no async function, as in `receive`: a server writes to 10,000 of them each second. */
  #write(bytes: Uint8Array): Promise<void> {
    return this.#socket.write(bytes).then(
      (taken) => {
        this.#unsent -= taken;
        if (taken < bytes.length) return this.#write(bytes.subarray(taken));
        // Nobody comes behind it any more, and an idle connection keeps no promise.
        if (this.#unsent === 0) this.#last = WRITTEN;
        return undefined;
      },
      (error) => {
        // A broken pipe alone says no more than that the peer ended or was told of before.
        if (error?.name !== "BrokenPipe") this.#broken ??= error;
        throw this.#failed(error);
      },
    );
  }

  async #endAfter(written: Promise<void>): Promise<void> {
    try {
      await written;
      await this.#socket.closeWrite();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): HeartlineError {
    return this.#closed ? closedHere(this.remote) : failure("write to", this.remote, error);
  }
}

function noDelay(socket: Deno.TcpConn): void {
  try {
    socket.setNoDelay(true);
  } catch {
    // The peer may be gone already; reading will say so.
  }
}

function closedHere(remote: Address): HeartlineError {
  return failure("write to", remote, { name: "BadResource" });
}

/** A UDP payload is never larger; a smaller buffer would cut datagrams silently. */
const LARGEST_DATAGRAM = 65_536;
const WRITTEN = Promise.resolve();
/** Milliseconds after a failed receive or accept. */
const RETRY_PAUSE = 10;
