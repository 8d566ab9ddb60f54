import { assert, assertEquals } from "@std/assert";
import type { Random } from "../../core/machine.ts";
import { encodeKeepalive } from "../../keepalive/message.ts";
import {
  KeepaliveServerMachine,
  type KeepaliveServerOutput,
} from "../../keepalive/server_machine.ts";
import { heldBytes } from "../support/held_bytes.ts";
import { seededRandom } from "../support/random.ts";

const STREAMS = 1_000_000;
const ENCODER = new TextEncoder();
/** Pieces of the grammar, for mutations that reach behind the first byte. */
const TOKENS = ["DATA ", "REPLY ", "HEARTBEAT ", "HEARTBEAT-ACK ", "TERMINATE ", "\n", "\r\n", " "]
  .concat(
    "\\",
    "\\n",
    "\\u0041",
    "\\u",
    "1",
    "0",
    "999999999999999",
    "-",
    "\0",
    "é",
    "9".repeat(40),
  )
  .map((token) => ENCODER.encode(token));

/** Random bytes, or a few lines with mutations that know the grammar. */
class Mutator {
  readonly bytes = new Uint8Array(1_024);
  length = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The next stream, valid until the one after it. */
  next(): Uint8Array {
    this.length = 0;
    if (this.#below(10) === 0) this.#noise();
    else this.#lines();
    for (let left = this.#below(3); left > 0; left--) this.#mutate();
    return this.bytes.subarray(0, this.length);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #noise(): void {
    this.length = this.#below(200);
    for (let i = 0; i < this.length; i++) this.bytes[i] = this.#below(256);
  }

  #lines(): void {
    for (let left = 1 + this.#below(3); left > 0; left--) {
      const id = 1 + this.#below(5);
      const line = this.#below(3) === 0
        ? encodeKeepalive({ type: "heartbeat", id })
        : encodeKeepalive({ type: "data", id, payload: "temperature 21.5\n" });
      this.length += ENCODER.encodeInto(line, this.bytes.subarray(this.length)).written;
    }
  }

  #mutate(): void {
    const { bytes } = this;
    const at = this.#below(this.length + 1);
    switch (this.#below(5)) {
      case 0:
        bytes[at] = this.#below(256);
        break;
      case 1: // cut out
        bytes.copyWithin(at, at + 1 + this.#below(8), this.length);
        this.length = Math.max(at, this.length - 1 - this.#below(8));
        break;
      case 2: // double
        bytes.copyWithin(at, Math.max(0, at - this.#below(60)), this.length);
        break;
      case 3: { // put in a piece of the grammar
        const token = TOKENS[this.#below(TOKENS.length)]!;
        bytes.copyWithin(at + token.length, at, this.length);
        bytes.set(token, at);
        this.length += token.length;
        break;
      }
      default: // cut off
        this.length = at;
    }
  }
}

Deno.test("fuzz: byte streams end their own connection at most", { permissions: "none" }, () => {
  const random = seededRandom(0x6ea7);
  const mutator = new Mutator(random);
  const machine = new KeepaliveServerMachine({ dataThreshold: 1e12 });
  const connect = (connection: number) =>
    machine.handle({ type: "connected", connection, peer: `p:${connection}`, local: "l:1" }, 0);
  const send = (connection: number, bytes: Uint8Array, now: number) =>
    machine.handle({ type: "connection", connection, input: { type: "bytes", bytes } }, now);
  connect(0);
  send(0, ENCODER.encode("DATA 1 a\n"), 0);
  const before = machine.reports(0)[0];

  let connection = 1, ended = 0, events = 0, answered = 0, heldEarly = 0;
  const check = (outputs: readonly KeepaliveServerOutput[]) => {
    events += outputs.length;
    for (const output of outputs) {
      if (output.type === "send") {
        assertEquals(output.connection, connection);
        answered++;
        const { length } = output.bytes;
        const input = { type: "written", bytes: length } as const;
        machine.handle({ type: "connection", connection, input }, 0);
      } else if (output.type === "close") {
        assertEquals(output.connection, connection);
        ended++;
        connect(++connection);
      }
    }
  };
  connect(connection);
  for (let i = 0; i < STREAMS; i++) {
    const bytes = mutator.next();
    const cut = Math.floor(random() * (bytes.length + 1));
    const sender = connection;
    check(send(sender, bytes.subarray(0, cut), i));
    check(send(sender, bytes.subarray(cut), i));
    if (i === STREAMS / 10) heldEarly = heldBytes();
  }
  assert(ended > STREAMS / 10 && ended < STREAMS * 0.9, `${ended}`);
  assert(answered > STREAMS / 10, `${answered}`);
  assert(events < STREAMS * 12, `${events}`);
  assertEquals([machine.size, machine.reports(0)[0]], [2, before]);
  // Half of the streams cost a connection: 100 bytes kept of each would show above the garbage.
  const grown = heldBytes() - heldEarly;
  assert(grown < 100e6, `${grown}`);
});
