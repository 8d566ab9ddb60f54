/**
 * What every client of a stream protocol is: it opens the connections that its machine asks for, one after
 * the other, resolving the server's name at every attempt, and tells the machine what happens to them.
 *
 * @module
 */
import type {
  ConnectFailedInput,
  ConnectionInput,
  ConnectionLoss,
  ConnectionOutput,
  ConnectOutput,
} from "../core/connection.ts";
import type { Address } from "../core/address.ts";
import { typed } from "../core/errors.ts";
import type { Tagged } from "../core/event_counts.ts";
import type { Machine } from "../core/machine.ts";
import { MachineService, type MachineServiceOptions } from "../core/machine_service.ts";
import type { Connection } from "./connection.ts";
import { Connections, type ConnectionsOptions } from "./connections.ts";
import type { Net } from "./net.ts";
import { openNet } from "./open.ts";
import type { StreamConnection } from "./stream.ts";
import { isConnectionOutput, type Readiness } from "./stream_server.ts";

/** What every machine of a client of streams is told. */
export type StreamClientInput = ConnectionInput | ConnectFailedInput;

/** What every machine of a client of streams may ask for. */
export type StreamClientOutput = ConnectionOutput | ConnectOutput;

/** Where a client connects to, and how. */
export interface StreamClientOptions extends MachineServiceOptions, ConnectionsOptions {
  /** The server: a name is resolved at every attempt. */
  readonly server: Address;
  /** Where sockets come from. @default the sockets of this runtime */
  readonly net?: Net | undefined;
}

/**
 * A client of a stream protocol; its own file adds what its users may ask.
 *
 * @example
 * ```ts
 * import type { Machine } from "@heartline/heartline/core";
 * import {
 *   openNet,
 *   StreamClient,
 *   type StreamClientInput,
 *   type StreamClientOutput,
 * } from "@heartline/heartline/net";
 * import { assertEquals } from "@std/assert";
 *
 * class AskingMachine implements Machine<StreamClientInput, StreamClientOutput> {
 *   deadline: number | undefined = 0; // connects at once
 *   handle(input: StreamClientInput): StreamClientOutput[] {
 *     if (input.type !== "opened") return [];
 *     const last = new TextEncoder().encode("hello");
 *     return [{ type: "close", connection: input.connection, last }];
 *   }
 *   tick(): StreamClientOutput[] {
 *     this.deadline = undefined;
 *     return [{ type: "connect", connection: 1 }];
 *   }
 * }
 * class AskingClient extends StreamClient<never, never, never> {}
 *
 * const net = await openNet();
 * const listener = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
 * await using _client = new AskingClient("asking-client", new AskingMachine(), {
 *   server: listener.address,
 * });
 * let heard = "";
 * await listener.accept((connection) =>
 *   void connection.receive((bytes) => {
 *     heard += new TextDecoder().decode(bytes);
 *     connection.close();
 *     listener.close();
 *   }), () => {});
 * assertEquals(heard, "hello");
 * ```
 */
export abstract class StreamClient<Event extends Tagged, Input, Output extends Tagged>
  extends MachineService<Event, Input | StreamClientInput, Output | StreamClientOutput> {
  /** Its open connections: one, and those that are being closed. */
  protected readonly connections: Connections;
  readonly #server: Address;
  readonly #net: Net | undefined;
  /** The attempts under way, by the numbers of their connections. */
  readonly #attempts = new Map<number, AbortController>();

  /** Connects when the machine asks for it. */
  constructor(
    name: string,
    machine: Machine<Input | StreamClientInput, Output | StreamClientOutput>,
    options: StreamClientOptions,
  ) {
    super(name, machine, options);
    this.#server = options.server;
    this.#net = options.net;
    this.connections = new Connections(
      {
        data: ({ id }, bytes) => {
          this.countBytes(bytes.length);
          this.receive(id, bytes);
        },
        ...this.readiness(),
        drained: ({ id, unsent }) => this.drained(id, unsent),
        ended: ({ id }, reason) => this.ended(id, reason),
        crash: (error) => this.crash(error),
      },
      this.clock,
      options,
    );
  }

  /** Tells the machine what arrived. */
  protected receive(connection: number, bytes: Uint8Array): void {
    this.driver.handle({ type: "data", connection, bytes });
  }

  /** What is to be asked before bytes are told, where that may have to wait: see {@linkcode Readiness}. */
  protected readiness(): Readiness {
    return {};
  }

  /** Tells the machine that the system took bytes. */
  protected drained(connection: number, unsent: number): void {
    this.driver.handle({ type: "drained", connection, unsent });
  }

  /** Tells the machine that a connection is over. */
  protected ended(connection: number, reason: ConnectionLoss): void {
    this.driver.handle({ type: "ended", connection, reason });
  }

  /** Takes over a stream that is open already. */
  protected adopt(connection: number, stream: StreamConnection): void {
    this.#open(this.connections.add(connection, stream));
  }

  /** Does what the machine asks of a connection; what it does not know is for who extends this class. */
  protected override perform(output: Output | StreamClientOutput): void {
    if (output.type === "connect") this.run(this.#connect((output as ConnectOutput).connection));
    else if (isConnectionOutput(output)) {
      this.connections.perform(output);
      if (output.type !== "send") this.#attempts.get(output.connection)?.abort();
    } else super.perform(output);
  }

  /** Gives up what is being opened, and closes what is open. */
  protected override stop(): void {
    this.driver.close();
    this.stopConnections();
  }

  /** The part of `stop` that concerns connections. */
  protected stopConnections(): void {
    for (const attempt of this.#attempts.values()) attempt.abort();
    this.run(this.connections.closeAll());
  }

  async #connect(connection: number): Promise<void> {
    const attempt = new AbortController();
    this.#attempts.set(connection, attempt);
    const { signal } = attempt;
    let stream: StreamConnection;
    try {
      const net = this.#net ?? await openNet();
      stream = await net.connectStream(this.#server, { signal });
    } catch (error) {
      return this.driver.handle({ type: "connect-failed", connection, error: typed(error) });
    } finally {
      this.#attempts.delete(connection);
    }
    // It may have been given up in the turn in which it was opened.
    if (signal.aborted) stream.close();
    else this.adopt(connection, stream);
  }

  #open(connection: Connection): void {
    const { id, stream } = connection;
    const { remote, local } = stream;
    this.driver.handle({ type: "opened", connection: id, remote, local });
    this.run(connection.read());
  }
}
