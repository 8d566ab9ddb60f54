/**
 * What every machine of a stream protocol is told of its connections, and what it asks for.
 *
 * @module
 */
import type { Address } from "./address.ts";
import type { ErrorCode, HeartlineError } from "./errors.ts";

/**
 * Why a connection is over, as its owner finds out: the peer ended its half of the stream or reset it, it
 * took no bytes for too long, or what else went wrong.
 *
 * @example
 * ```ts
 * import type { ConnectionLoss } from "@heartline/heartline/core";
 * import { TcpServerMachine } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const input: ConnectionLoss = "not-reading";
 * const machine = new TcpServerMachine({}, { wall: (now) => now });
 * assertEquals(machine.handle({ type: "ended", connection: 1, reason: input }, 0).length, 0);
 * ```
 */
export type ConnectionLoss = "end" | "reset" | "not-reading" | ErrorCode;

/**
 * What happens to a connection; its number is used once.
 *
 * @example
 * ```ts
 * import type { ConnectionInput } from "@heartline/heartline/core";
 * import { TcpServerMachine } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const input: ConnectionInput = { type: "ended", connection: 1, reason: "end" };
 * const machine = new TcpServerMachine({}, { wall: (now) => now });
 * assertEquals(machine.handle(input, 0).length, 0);
 * ```
 */
export type ConnectionInput =
  /** It is open: a client connected, or our attempt to connect succeeded. */
  | {
    readonly type: "opened";
    readonly connection: number;
    readonly remote: Address;
    readonly local: Address;
  }
  /** Bytes arrived; read them during the call. */
  | { readonly type: "data"; readonly connection: number; readonly bytes: Uint8Array }
  /** The system took bytes of ours; so many still wait. */
  | { readonly type: "drained"; readonly connection: number; readonly unsent: number }
  /** It is over. */
  | { readonly type: "ended"; readonly connection: number; readonly reason: ConnectionLoss };

/**
 * What a server is told beside that.
 *
 * @example
 * ```ts
 * import type { AcceptFailedInput } from "@heartline/heartline/core";
 * import { TcpServerMachine } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const input: AcceptFailedInput = {
 *   type: "accept-failed",
 *   code: "too-many-open-files",
 *   message: "Cannot accept",
 * };
 * const machine = new TcpServerMachine({}, { wall: (now) => now });
 * assertEquals(machine.handle(input, 0).length, 1);
 * ```
 */
export type AcceptFailedInput = {
  /** A connection could not be accepted. */
  readonly type: "accept-failed";
  /** What went wrong. */
  readonly code: ErrorCode;
  /** The same in one line. */
  readonly message: string;
};

/**
 * What a client is told beside that: the attempt to open this connection came to nothing.
 *
 * @example
 * ```ts
 * import { type ConnectFailedInput, HeartlineError } from "@heartline/heartline/core";
 * import { TcpClientMachine } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const environment = { server: "server:6510", random: () => 0.5, wall: (now: number) => now };
 * const machine = new TcpClientMachine({}, environment, 0);
 * machine.tick(0); // it asks for connection 1
 * const error = new HeartlineError("connection-refused", "Cannot connect: refused");
 * const input: ConnectFailedInput = { type: "connect-failed", connection: 1, error };
 * assertEquals(machine.handle(input, 5).map(({ type }) => type), ["connect-failed"]);
 * ```
 */
export type ConnectFailedInput = {
  /** The tag of this input. */
  readonly type: "connect-failed";
  /** The number that `connect` carried. */
  readonly connection: number;
  /** What went wrong. */
  readonly error: HeartlineError;
};

/**
 * What a machine asks of a connection.
 *
 * @example
 * ```ts
 * import type { ConnectionOutput } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const last = new TextEncoder().encode("bye\n");
 * const output: ConnectionOutput = { type: "close", connection: 1, last, linger: 500 };
 * assertEquals(output.type, "close");
 * ```
 */
export type ConnectionOutput =
  /** Bytes to send behind those sent before. They may share memory: do not change or transfer them. */
  | { readonly type: "send"; readonly connection: number; readonly bytes: Uint8Array }
  /** It is to be closed, or the attempt to open it given up; it sends nothing after this. */
  | ({ readonly type: "close"; readonly connection: number } & ClosingOptions)
  /** It is to be dropped at once, with whatever waits to be sent. */
  | { readonly type: "reset"; readonly connection: number };

/**
 * What a client asks beside that: to open a connection with this number, which counts up.
 *
 * @example
 * ```ts
 * import type { ConnectOutput } from "@heartline/heartline/core";
 * import { TcpClientMachine } from "@heartline/heartline/tcp";
 * import { assertEquals } from "@std/assert";
 *
 * const environment = { server: "server:6510", random: () => 0.5, wall: (now: number) => now };
 * const wanted: ConnectOutput = { type: "connect", connection: 1 };
 * assertEquals(new TcpClientMachine({}, environment, 0).tick(0).at(-1), wanted);
 * ```
 */
export type ConnectOutput = { readonly type: "connect"; readonly connection: number };

/** How a connection is closed. */
export interface ClosingOptions {
  /** Bytes to send before. */
  readonly last?: Uint8Array | undefined;
  /** How many ms the system may need to take what was sent. @default 2_000 */
  readonly within?: number | undefined;
  /**
   * How many ms the peer gets after that to read it and to close first: a socket that is closed with bytes
   * unread takes back what it sent. @default 0
   */
  readonly linger?: number | undefined;
}
