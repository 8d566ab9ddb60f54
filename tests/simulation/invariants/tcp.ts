/**
 * Whether numbered heartbeats over TCP arrive as they were sent, and are confirmed at most once.
 *
 * Who is silent and for how long is judged by `invariants/heartbeats.ts`.
 *
 * @module
 */
import type { TcpClientOutput } from "../../../tcp/inputs.ts";
import type { Process } from "../process.ts";

/** Stands beside one client, for one life of its process. */
export class NumberWitness {
  /** The last number that was sent, and the last of which the fate was said. */
  #sent = 0;
  #settled = 0;
  /** The highest number that the server read. */
  #read = 0;
  #over = false;
  readonly #client: Process;

  constructor(client: Process) {
    this.#client = client;
  }

  /** The server reads a heartbeat, on a connection on which it read `before` last. */
  reads(sequence: number, before: number): void {
    const { world, name } = this.#client;
    world.check(sequence > before && sequence <= this.#sent, "numbers-in-order", () => {
      return `the server reads ${sequence} of ${name} after ${before}; ${this.#sent} were sent`;
    });
    this.#read = Math.max(this.#read, sequence);
  }

  /** The client says something. */
  says(output: TcpClientOutput): void {
    const { world, name } = this.#client;
    world.check(
      !this.#over,
      "silent-after-close",
      () => `${name} says ${output.type} after its end`,
    );
    switch (output.type) {
      case "sent":
        world.check(output.sequence === this.#sent + 1, "numbers-in-order", () => {
          return `${name} sends ${output.sequence} after ${this.#sent}`;
        });
        this.#sent = output.sequence;
        break;
      case "acked":
        this.#settle(output.sequence, output.sequence);
        world.check(output.sequence <= this.#read, "acked-received-sent", () => {
          return `${name} takes ${output.sequence} for confirmed, of which ${this.#read} were read`;
        });
        break;
      case "unconfirmed":
        this.#settle(output.from, output.to);
        break;
      case "done":
      case "failed":
        this.#over = true;
    }
  }

  /** What becomes of a number is said once; a late acknowledgement may correct it. */
  #settle(from: number, to: number): void {
    const { world, name } = this.#client;
    const late = from === to && from <= this.#settled;
    world.check(late || from > this.#settled && to <= this.#sent, "acked-received-sent", () => {
      return `${name} speaks of ${from} to ${to} after ${this.#settled}; ${this.#sent} were sent`;
    });
    this.#settled = Math.max(this.#settled, to);
  }
}
