/**
 * Receives a resumable sequence over real sockets: one connection after the other around the client machine.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { checkNumber } from "../core/check.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { ConnectionLoss } from "../core/connection.ts";
import { type ErrorCode, HeartlineError } from "../core/errors.ts";
import type { DroppedEvent } from "../core/event_queue.ts";
import type { Random } from "../core/machine.ts";
import type { Net } from "../net/net.ts";
import { StreamClient, type StreamClientOptions } from "../net/stream_client.ts";
import { SequenceChecksum } from "./checksum.ts";
import { SequenceClientMachine } from "./client_machine.ts";
import type { SequenceClientEvent } from "./events.ts";
import type { SequenceClientInput, SequenceClientOutput } from "./inputs.ts";
import { MAX_SEQUENCE_LENGTH } from "./message.ts";
import type { SequenceClientMachineOptions } from "./options.ts";
import { checkSequenceSnapshot, type SequenceSnapshot } from "./snapshot.ts";

/** Options of {@linkcode receiveSequence}. */
export interface SequenceClientOptions extends Omit<SequenceClientMachineOptions, "saves"> {
  /** The server's address or name. @default "127.0.0.1" */
  hostname?: string;
  /** The server's port, 0..65535. @default 49155 */
  port?: number;
  /** How many numbers to ask for, 1..65535. @default a random one */
  length?: number;
  /** Go on with what `save` kept; `length` is ignored then. */
  snapshot?: SequenceSnapshot;
  /**
   * Keeps the snapshot somewhere that survives this process. Called with the newest one, one call at a
   * time; nothing is confirmed to the server before it resolves. If it rejects, so does the iteration.
   */
  save?: (snapshot: SequenceSnapshot) => Promise<void>;
  /** Stops the client when it aborts. */
  signal?: AbortSignal;
  /** Where time comes from. @default the system's clock */
  clock?: Clock;
  /** Draws the length and the waits between attempts to connect. @default Math.random */
  random?: Random;
  /** Where sockets come from. @default the sockets of this runtime */
  net?: Net;
}

/**
 * Receives a sequence of uint32 numbers, each exactly once and in order, over as many connections as it
 * takes, and compares its checksums with the server's at the end.
 *
 * It begins at once. Iterate it for the numbers: a number counts as taken when the loop comes back for
 * the next one. The iteration ends after the last number when both checksums are equal, and else
 * throws: it never ends early. A loop that is slow holds the server back.
 *
 * @returns the receiver; its `events` tell how it goes
 * @throws {HeartlineError} `invalid-option`; the iteration throws `session-ended` (the server ended
 * the session, or another client resumed it), `checksum-differs`, and `closed` after `close`
 *
 * @example
 * ```ts
 * import { receiveSequence, serveSequence } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveSequence({ port: 0, interval: 10 });
 * let count = 0;
 * for await (const _n of receiveSequence({ port: server.address.port, length: 3 })) count++;
 * assertEquals(count, 3);
 * ```
 */
export function receiveSequence(options: SequenceClientOptions = {}): SequenceReceiver {
  const { hostname = "127.0.0.1", clock = systemClock(), random = Math.random } = options;
  const port = checkNumber("port", options.port ?? 49_155, { max: 65_535, integer: true });
  const range = { min: 1, max: MAX_SEQUENCE_LENGTH, integer: true };
  const length = options.length ?? 1 + Math.floor(random() * MAX_SEQUENCE_LENGTH);
  const snapshot: SequenceSnapshot = options.snapshot ? checkSequenceSnapshot(options.snapshot) : {
    version: 1,
    client: crypto.randomUUID(),
    length: checkNumber("length", length, range),
    checksum: new SequenceChecksum().save(),
    done: false,
  };
  const server = { hostname, port };
  const { save, signal, net } = options;
  const machine = new SequenceClientMachine(
    { ...options, snapshot, saves: save !== undefined },
    { server: formatAddress(server), random },
    clock.now(),
  );
  return new SequenceReceiver(new SequenceClient(machine, { server, clock, signal, net, save }));
}

/**
 * A running client; made by {@linkcode receiveSequence}.
 *
 * @example
 * ```ts
 * import { receiveSequence, serveSequence } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveSequence({ port: 0, interval: 1 });
 * const { port } = server.address;
 * const first = receiveSequence({ port, length: 5 });
 * const numbers: number[] = [];
 * for await (const n of first) if (numbers.push(n) === 2) break; // closes it; the session stays
 *
 * // Go on where it stopped, here or in another process: the snapshot is plain JSON.
 * const second = receiveSequence({ port, snapshot: first.snapshot() });
 * for await (const n of second) numbers.push(n);
 * assertEquals([numbers.length, second.snapshot().done], [6, true]); // the one at the `break` came again
 * ```
 */
export class SequenceReceiver implements AsyncIterable<number> {
  readonly #client: SequenceClient;

  /** Not for users: use {@linkcode receiveSequence}. */
  constructor(client: SequenceClient) {
    this.#client = client;
  }

  /** How it goes: connections, sessions, and the end. Iterating is optional. */
  get events(): AsyncIterable<SequenceClientEvent | DroppedEvent> {
    return this.#client;
  }

  /** Where it stands: how many numbers were taken, of how many, and what it takes to go on. */
  snapshot(): SequenceSnapshot {
    return this.#client.machine.snapshot();
  }

  /** Stops; the session stays with the server for its window. Calling it again does nothing. */
  close(): Promise<void> {
    return this.#client.close();
  }

  /** Iterates over the numbers, once; a `break` closes the client. */
  async *[Symbol.asyncIterator](): AsyncGenerator<number, void, undefined> {
    const { machine } = this.#client;
    try {
      for (;;) {
        const value = machine.take();
        if (value === undefined || machine.confirmable) this.#client.confirm();
        if (value !== undefined) yield value;
        else if (this.#client.outcome) return this.#client.outcome.check();
        else await this.#client.more();
      }
    } finally {
      await this.close();
    }
  }

  /** Closes, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * The sockets of a receiver. Not for users.
 *
 * @example
 * ```ts
 * import { receiveSequence, serveSequence } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveSequence({ port: 0, interval: 1 });
 * const receiver = receiveSequence({ port: server.address.port, length: 3 });
 * for await (const _number of receiver);
 * let connections = 0;
 * for await (const event of receiver.events) { // this class is what it iterates
 *   if (event.type === "done") ({ connections } = event);
 * }
 * assertEquals(connections, 1);
 * ```
 */
export class SequenceClient
  extends StreamClient<SequenceClientEvent, SequenceClientInput, SequenceClientOutput> {
  /** Decides everything. */
  readonly machine: SequenceClientMachine;
  /** How it ended, if it did. */
  outcome: SequenceOutcome | undefined;

  readonly #save: SequenceClientOptions["save"] | undefined;
  #waiting: (() => void)[] = [];

  /** Connects at once. */
  constructor(
    machine: SequenceClientMachine,
    options: StreamClientOptions & { readonly save: SequenceClientOptions["save"] | undefined },
  ) {
    super("sequence-client", machine, options);
    this.machine = machine;
    this.#save = options.save;
  }

  /** Confirms what was taken. */
  confirm(): void {
    this.driver.handle({ type: "confirm" });
  }

  /** Resolves when there may be more to take, or an outcome. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Closes the connection, or the attempt to open one. */
  protected override stop(): void {
    super.stop();
    this.outcome ??= failed("closed", "Cannot receive: the client was closed");
    this.#wake();
  }

  /** There may be more to take. */
  protected override receive(connection: number, bytes: Uint8Array): void {
    super.receive(connection, bytes);
    this.#wake();
  }

  /** The machine need not know when its lines are taken. */
  protected override drained(): void {}

  /** There may be an outcome. */
  protected override ended(connection: number, reason: ConnectionLoss): void {
    super.ended(connection, reason);
    this.#wake();
  }

  /** Keeps a snapshot, and closes when there is an outcome. */
  protected override perform(output: SequenceClientOutput): void {
    if (output.type === "save") return this.run(this.#keep(output.snapshot));
    super.perform(output);
    if (output.type === "done") this.outcome = { check: () => {} };
    if (output.type === "failed") {
      const code = output.code === "CHECKSUM" ? "checksum-differs" : "session-ended";
      this.outcome = failed(code, `Cannot receive: ${output.message}`);
    }
    if (this.outcome) void this.close();
  }

  async #keep(snapshot: SequenceSnapshot): Promise<void> {
    try {
      await this.#save!(snapshot);
    } catch (error) {
      this.outcome ??= {
        check: () => {
          throw error;
        },
      };
      return void this.close();
    }
    this.driver.handle({ type: "saved" });
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** What the iteration does at its end: nothing, or throw. */
export interface SequenceOutcome {
  /** Throws if the sequence is not whole. */
  readonly check: () => void;
}

function failed(code: ErrorCode, message: string): SequenceOutcome {
  return {
    check() {
      throw new HeartlineError(code, message);
    },
  };
}
