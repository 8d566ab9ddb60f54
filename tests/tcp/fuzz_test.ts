import { assert, assertEquals } from "@std/assert";
import type { Random } from "../../core/machine.ts";
import { encodeTcpAck, encodeTcpHeartbeat } from "../../tcp/message.ts";
import { TcpClientMachine } from "../../tcp/client_machine.ts";
import { TcpServerMachine, type TcpServerOutput } from "../../tcp/server_machine.ts";
import { heldBytes } from "../support/held_bytes.ts";
import { seededRandom } from "../support/random.ts";

const STREAMS = 1_000_000;
const WALL = Date.UTC(2026, 0, 1);
const ENCODER = new TextEncoder();
/** Pieces of the grammar, for mutations that reach behind the first byte. */
const TOKENS = [
  "Sequence #",
  ": Sending heartbeat at ",
  ". ",
  ".",
  " ",
  "0",
  "999999999999999",
  "-",
]
  .concat("1752356183.5769", "\n", "\r\n", "Ack #", "\0", "é", "1e9", "NaN", "#1", "9".repeat(40))
  .map((token) => ENCODER.encode(token));

/** Random bytes, or a few messages with a mutation that knows the grammar. */
class Mutator {
  readonly bytes = new Uint8Array(1_024);
  length = 0;
  readonly #random: Random;
  readonly #encode: typeof encodeTcpHeartbeat;

  constructor(random: Random, encode: typeof encodeTcpHeartbeat) {
    this.#random = random;
    this.#encode = encode;
  }

  /** The next stream, valid until the one after it. */
  next(): Uint8Array {
    this.length = 0;
    if (this.#below(10) === 0) this.#noise();
    else this.#messages();
    for (let left = this.#below(4); left > 0; left--) this.#mutate();
    return this.bytes.subarray(0, this.length);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #noise(): void {
    this.length = this.#below(300);
    for (let i = 0; i < this.length; i++) this.bytes[i] = this.#below(256);
  }

  #messages(): void {
    for (let left = 1 + this.#below(3); left > 0; left--) {
      const sequence = 1 + this.#below(this.#below(2) === 0 ? 10 : 10 ** 15 - 1);
      const text = this.#encode({ sequence, sentAt: WALL + this.#below(1e7) });
      this.length += ENCODER.encodeInto(text, this.bytes.subarray(this.length)).written;
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

Deno.test("fuzz: byte streams close their sender at most", { permissions: "none" }, () => {
  const random = seededRandom(0x7c9);
  const mutator = new Mutator(random, encodeTcpHeartbeat);
  const machine = new TcpServerMachine({ timeout: 1e9 });
  const remote = { hostname: "127.0.0.1", port: 5_001 };
  const beat = ENCODER.encode(encodeTcpHeartbeat({ sequence: 1, sentAt: WALL }));
  const state = { unsent: 0, wall: WALL };
  machine.handle({ type: "connected", connection: 0, remote }, 0);
  machine.receive(0, beat, state, 0);
  const before = machine.reports(0)[0]!;

  let connection = 0, rejected = 0, events = 0, heldEarly = 0;
  const connect = () => machine.handle({ type: "connected", connection: ++connection, remote }, 0);
  const check = (outputs: readonly TcpServerOutput[]) => {
    events += outputs.length;
    for (const output of outputs) {
      if (output.type === "close") {
        assertEquals(output.connection, connection);
        rejected++;
        connect();
      }
    }
  };
  connect();
  for (let i = 0; i < STREAMS; i++) {
    const bytes = mutator.next();
    const cut = Math.floor(random() * (bytes.length + 1));
    const sender = connection;
    check(machine.receive(sender, bytes.subarray(0, cut), state, i));
    check(machine.receive(sender, bytes.subarray(cut), state, i));
    if (i === STREAMS / 10) heldEarly = heldBytes();
  }
  assert(rejected > STREAMS / 10 && rejected < STREAMS * 0.9, `${rejected}`);
  assert(events < STREAMS * 8, `${events}`);
  assertEquals(machine.size, 2);
  assertEquals(machine.reports(0)[0], before);
  // Half of the streams cost a connection: 100 bytes kept of each would show above the garbage.
  const grown = heldBytes() - heldEarly;
  assert(grown < 100e6, `${grown}`);
});

Deno.test("fuzz: what a server answers costs its connection at most", {
  permissions: "none",
}, () => {
  const random = seededRandom(0xac4);
  const mutator = new Mutator(random, encodeTcpAck);
  const wall = (now: number) => WALL + now;
  const machine = new TcpClientMachine({ ack: true, interval: 1_000, backoff: { cap: 1 } }, {
    server: "srv:1",
    random,
    wall,
  }, 0);
  let now = 0, connection = 0, lost = 0;
  for (let i = 0; i < STREAMS / 5; i++) {
    now += 10;
    for (const output of machine.tick(now)) {
      if (output.type !== "connect") continue;
      connection = output.connection;
      machine.handle({ type: "connected", connection, local: "" }, now);
    }
    for (const output of machine.handle({ type: "data", connection, bytes: mutator.next() }, now)) {
      if (output.type === "disconnected") lost++;
    }
    assert(machine.deadline !== undefined);
  }
  assert(lost > 1_000, `${lost}`);
});
