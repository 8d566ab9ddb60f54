/**
 * What every server of a stream protocol is: it accepts, gives each connection a number, tells its machine
 * what happens, and does what the machine asks for.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type {
  AcceptFailedInput,
  ConnectionInput,
  ConnectionLoss,
  ConnectionOutput,
} from "../core/connection.ts";
import { typed } from "../core/errors.ts";
import type { Tagged } from "../core/event_counts.ts";
import type { Machine } from "../core/machine.ts";
import { MachineService, type MachineServiceOptions } from "../core/machine_service.ts";
import type { Connection } from "./connection.ts";
import { type ConnectionHandler, Connections, type ConnectionsOptions } from "./connections.ts";
import type { StreamConnection, StreamListener } from "./stream.ts";

/** How a server of streams runs. */
export interface StreamServerOptions extends MachineServiceOptions, ConnectionsOptions {}

/** What every machine of a server of streams is told. */
export type StreamServerInput = ConnectionInput | AcceptFailedInput;

/**
 * A server of a stream protocol; its own file adds what its users may ask.
 *
 * @example
 * ```ts
 * import type { ConnectionOutput, Machine } from "@heartline/heartline/core";
 * import { openNet, StreamServer, type StreamServerInput } from "@heartline/heartline/net";
 * import { assertEquals } from "@std/assert";
 *
 * class EchoMachine implements Machine<StreamServerInput, ConnectionOutput> {
 *   readonly deadline = undefined;
 *   handle(input: StreamServerInput): ConnectionOutput[] {
 *     if (input.type !== "data") return [];
 *     return [{ type: "send", connection: input.connection, bytes: input.bytes.slice() }];
 *   }
 *   tick() {
 *     return [];
 *   }
 * }
 *
 * const net = await openNet();
 * const listener = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
 * class EchoServer extends StreamServer<never, never, ConnectionOutput> {
 *   constructor() {
 *     super("echo-server", new EchoMachine(), { writeTimeout: 5_000 });
 *     this.accept(listener);
 *   }
 * }
 * await using _server = new EchoServer();
 * const client = await net.connectStream(listener.address);
 * await client.write(new TextEncoder().encode("hello"));
 * let heard = "";
 * await client.receive((bytes) => {
 *   heard += new TextDecoder().decode(bytes);
 *   client.close();
 * });
 * assertEquals(heard, "hello");
 * ```
 */
export abstract class StreamServer<Event extends Tagged, Input, Output extends Tagged>
  extends MachineService<Event, Input | StreamServerInput, Output | ConnectionOutput> {
  /** Its open connections. */
  protected readonly connections: Connections;
  #listener: StreamListener | undefined;
  #accepted = 0;

  /** Starts without a listener: see `accept`. */
  constructor(
    name: string,
    machine: Machine<Input | StreamServerInput, Output | ConnectionOutput>,
    options: StreamServerOptions,
  ) {
    super(name, machine, options);
    this.connections = new Connections(
      {
        data: (connection, bytes) => {
          this.countBytes(bytes.length);
          this.receive(connection, bytes);
        },
        ...this.readiness(),
        drained: (connection) => this.drained(connection),
        ended: (connection, reason) => this.ended(connection, reason),
        crash: (error) => this.crash(error),
      },
      this.clock,
      options,
    );
  }

  /** Takes connections from now on; the last thing that a constructor does. */
  protected accept(listener: StreamListener): void {
    this.#listener = listener;
    this.run(listener.accept(
      (stream) => this.#open(stream),
      (error) => this.driver.handle(acceptFailed(error)),
    ));
  }

  /** Tells the machine that a client connected. */
  protected opened({ id, stream }: Connection): void {
    const { remote, local } = stream;
    this.driver.handle({ type: "opened", connection: id, remote, local });
  }

  /** Tells the machine what arrived. */
  protected receive({ id }: Connection, bytes: Uint8Array): void {
    this.driver.handle({ type: "data", connection: id, bytes });
  }

  /** What is to be asked before bytes are told, where that may have to wait: see {@linkcode Readiness}. */
  protected readiness(): Readiness {
    return {};
  }

  /** Tells the machine that the system took bytes. */
  protected drained({ id, unsent }: Connection): void {
    this.driver.handle({ type: "drained", connection: id, unsent });
  }

  /** Tells the machine that a connection is over. */
  protected ended({ id }: Connection, reason: ConnectionLoss): void {
    this.driver.handle({ type: "ended", connection: id, reason });
  }

  /** Does what the machine asks of a connection; what it does not know is for who extends this class. */
  protected override perform(output: Output | ConnectionOutput): void {
    if (isConnectionOutput(output)) this.connections.perform(output);
    else super.perform(output);
  }

  /** Accepts nobody any more and closes all connections, each after what it is told last. */
  protected override stop(): void {
    this.driver.close();
    this.stopConnections();
  }

  /** The part of `stop` that concerns connections. */
  protected stopConnections(): void {
    this.#listener?.close();
    this.run(this.connections.closeAll());
  }

  #open(stream: StreamConnection): void {
    // Accepted in the same turn of the event loop in which the server was closed.
    if (this.stopped) return stream.close();
    const connection = this.connections.add(++this.#accepted, stream);
    this.opened(connection);
    this.run(connection.read());
  }
}

/** What may be asked and told of a connection whose bytes may have to wait. */
export type Readiness = Pick<ConnectionHandler, "ready" | "held" | "writeFailed">;

/** Whether an output asks something of a connection, and is no event. */
export function isConnectionOutput(output: Tagged): output is ConnectionOutput {
  const { type } = output;
  return type === "send" || type === "close" || type === "reset";
}

/** What a machine is told of a connection that could not be accepted. */
export function acceptFailed(error: unknown): AcceptFailedInput {
  const { code, message } = typed(error);
  return { type: "accept-failed", code, message };
}

/** Where a server listens, as its event says it. */
export function listening<Transport extends string>(
  { hostname, port }: Address,
  transport: Transport,
): { type: "listening"; hostname: string; port: number; transport: Transport } {
  return { type: "listening", hostname, port, transport };
}
