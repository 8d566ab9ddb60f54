/**
 * A sequence client machine whose server is the test, which talks to it in lines, in virtual time.
 *
 * @module
 */
import { assert } from "@std/assert";
import { SequenceChecksum } from "../../sequence/checksum.ts";
import type { SequenceClientInput, SequenceClientOutput } from "../../sequence/inputs.ts";
import type { SequenceSnapshot } from "../../sequence/snapshot.ts";
import { SequenceClientMachine } from "../../sequence/client_machine.ts";
import type { SequenceClientMachineOptions } from "../../sequence/options.ts";
import { seededRandom } from "./random.ts";
import { Story } from "./story.ts";

const END = { hostname: "10.0.0.2", port: 49_155 };

/** The client's. */
export const UUID = "01234567-89ab-4def-8123-456789abcdef";
/** A session, its token, and the next one. */
export const S = "0".repeat(32), T = "1".repeat(32), T2 = "2".repeat(32);
/** A second between numbers, five between heartbeats. */
export const WELCOME = `WELCOME ${S} ${T} 1 1000 5000 30000\n`;

/** What a client of a new sequence starts with. */
export function fresh(length: number): SequenceSnapshot {
  const checksum = new SequenceChecksum().save();
  return { version: 1, client: UUID, length, checksum, done: false };
}

/** The line at the end of a sequence of these. */
export function finOf(values: number[]): string {
  const checksum = new SequenceChecksum();
  for (const value of values) checksum.add(value);
  const { crc32, sha256 } = checksum.digest();
  return `FIN ${values.length} ${crc32} ${sha256}\n`;
}

/** A client whose server is the test. */
export class ReceiverStory extends Story<
  SequenceClientInput,
  SequenceClientOutput,
  SequenceClientMachine,
  SequenceClientOutput
> {
  readonly numbers: number[] = [];

  constructor(snapshot: SequenceSnapshot, options: SequenceClientMachineOptions = {}, seed = 1) {
    const environment = { server: "s:1", random: seededRandom(seed) };
    super(new SequenceClientMachine({ ...options, snapshot }, environment, 0));
    this.to(0);
  }

  get connection(): number {
    return this.log.filter(({ type }) => type === "connect").length;
  }

  connect(): void {
    this.give({ type: "opened", connection: this.connection, remote: END, local: END });
  }

  hear(text: string, connection = this.connection): void {
    this.give({ type: "data", connection, bytes: new TextEncoder().encode(text) });
  }

  /** Takes all there is, as a loop does. */
  take(): void {
    for (let n; (n = this.machine.take()) !== undefined;) {
      assert(this.numbers.push(n) < 100_000, "there are numbers without end");
    }
    this.give({ type: "confirm" });
  }

  /** What was sent since the last call. */
  sent(): string {
    const bytes = this.log.flatMap((one) => one.type === "send" ? [...one.bytes] : []);
    this.log.splice(0, this.log.length, ...this.log.filter((o) => o.type !== "send"));
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  last(type: SequenceClientOutput["type"]): SequenceClientOutput | undefined {
    return this.log.findLast((output) => output.type === type);
  }

  protected perform(output: SequenceClientOutput): void {
    this.log.push(output);
  }
}
