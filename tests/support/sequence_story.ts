/**
 * A sequence server machine that a test talks to in lines, in virtual time.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { SequenceServerEvent } from "../../sequence/events.ts";
import type { SequenceServerInput, SequenceServerOutput } from "../../sequence/inputs.ts";
import { SequenceServerMachine } from "../../sequence/server_machine.ts";
import type { SequenceServerMachineOptions } from "../../sequence/options.ts";
import type { SessionStore } from "../../sequence/store.ts";
import { answerTo } from "../../sequence/store_call.ts";
import { MemoryStore } from "../../store/memory.ts";
import { seededRandom } from "./random.ts";
import { WALL } from "./sequence_world.ts";

/** The UUID that all clients of a story share. */
export const UUID = "01234567-89ab-4def-8123-456789abcdef";

/** What a client needs to come back. */
export interface Ticket {
  readonly session: string;
  readonly token: string;
}

/** The line of a new client. */
export const hello = (length: number): string => `HELLO 1 ${UUID} ${length}\n`;

/** The line of a client that comes back. */
export const resume = ({ session, token }: Ticket, next: number): string =>
  `RESUME 1 ${session} ${token} ${next}\n`;

/** The indices of the numbers among lines. */
export const indices = (lines: readonly string[]): number[] =>
  lines.filter((line) => line.startsWith("NUMBER")).map((line) => Number(line.split(" ")[1]));

/** One server; connections are numbered by the test. */
export class SequenceStory {
  now = 0;
  readonly machine: SequenceServerMachine;
  readonly store: SessionStore;
  readonly said: SequenceServerEvent[] = [];
  /** Calls of the store wait here, if it is given, until they are released. */
  held: (() => Promise<void>)[] | undefined;
  readonly #text = new Map<number, string>();
  readonly #closed = new Set<number>();

  constructor(
    options: SequenceServerMachineOptions & { store?: SessionStore; seed?: number } = {},
  ) {
    this.store = options.store ?? new MemoryStore();
    const random = seededRandom(options.seed ?? 1);
    this.machine = new SequenceServerMachine({ source: (index) => index, ...options }, {
      random,
      randomBytes: (count) => Uint8Array.from({ length: count }, () => random() * 256),
      wall: (now) => WALL + now,
    });
  }

  /** Opens a connection and says something on it. */
  async open(connection: number, text: string, hostname = "10.0.0.1"): Promise<void> {
    const remote = { hostname, port: connection };
    await this.tell({ type: "opened", connection, remote, local: remote });
    await this.say(connection, text);
  }

  async say(connection: number, text: string): Promise<void> {
    await this.tell({ type: "data", connection, bytes: new TextEncoder().encode(text) });
  }

  async end(connection: number): Promise<void> {
    await this.tell({ type: "ended", connection, reason: "reset" });
  }

  async tell(input: SequenceServerInput): Promise<void> {
    await this.#perform(this.machine.handle(input, this.now));
  }

  /** Its process did not run for so long. */
  async stall(by: number): Promise<void> {
    await this.#perform(this.machine.stalled(by));
  }

  /** Moves on to `until`, deadline by deadline. */
  async pass(until: number): Promise<void> {
    for (let turns = 0;; turns++) {
      const { deadline, schedule } = this.machine;
      const at = Math.min(deadline ?? Infinity, schedule.deadline ?? Infinity);
      if (at > until) break;
      if (at > this.now) turns = 0;
      assert(turns < MOST_TURNS, `the machine is due at ${at} for ever`);
      this.now = Math.max(this.now, at);
      await this.#perform(schedule.tick(this.now));
      await this.#perform(this.machine.tick(this.now));
    }
    this.now = until;
  }

  /** The lines said on a connection since the last call; `closed` at the end if it is. */
  lines(connection: number): string[] {
    const lines = (this.#text.get(connection) ?? "").split("\n").slice(0, -1);
    this.#text.delete(connection);
    return this.#closed.has(connection) ? [...lines, "closed"] : lines;
  }

  /** The session and token of the last WELCOME or RESUMED on a connection. */
  ticket(connection: number, session?: string): Ticket {
    const words = this.lines(connection).find((line) => /^WELCOME|^RESUMED/.test(line))!.split(" ");
    return words[0] === "WELCOME"
      ? { session: words[1]!, token: words[2]! }
      : { session: session!, token: words[1]! };
  }

  /** The events of a type. */
  events(type: SequenceServerEvent["type"]): SequenceServerEvent[] {
    return this.said.filter((event) => event.type === type);
  }

  /** Lets the store answer what it was asked until now; what it is asked because of that waits. */
  async releaseOnce(): Promise<void> {
    const held = this.held ?? [];
    this.held = [];
    for (const call of held) await call();
  }

  /** Lets the store answer what it was asked, and from now on at once. */
  async release(): Promise<void> {
    const held = this.held ?? [];
    this.held = undefined;
    for (const call of held) await call();
  }

  async #perform(outputs: readonly SequenceServerOutput[]): Promise<void> {
    for (const output of outputs) {
      switch (output.type) {
        case "send": {
          const { connection, bytes } = output;
          const before = this.#text.get(connection) ?? "";
          this.#text.set(connection, before + new TextDecoder().decode(bytes));
          break;
        }
        case "close":
          this.#closed.add(output.connection);
          break;
        case "store": {
          const { request, call } = output;
          const ask = async () => {
            await this.tell({ type: "answer", request, answer: await answerTo(call, this.store) });
          };
          if (this.held) this.held.push(ask);
          else await ask();
          break;
        }
        case "reset":
          break;
        default:
          this.said.push(output);
      }
    }
  }
}

/** A server whose first connection has begun a sequence of so many numbers, and what resumes it. */
export async function begun(
  length: number,
  ...how: ConstructorParameters<typeof SequenceStory>
): Promise<{ story: SequenceStory; ticket: Ticket }> {
  const story = new SequenceStory(...how);
  await story.open(1, hello(length));
  return { story, ticket: story.ticket(1) };
}

/** Turns at one instant; a machine that wants more does not get on. */
const MOST_TURNS = 1_000;
