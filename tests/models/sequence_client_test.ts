// The sequence client against two numbers: what was received and what was taken.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SequenceChecksum } from "../../sequence/checksum.ts";
import type { SequenceClientInput } from "../../sequence/inputs.ts";
import type { SequenceSnapshot } from "../../sequence/snapshot.ts";
import { SequenceClientMachine } from "../../sequence/client_machine.ts";
import { checkSequenceSnapshot } from "../../sequence/snapshot.ts";
import { bytesOf, latin1 } from "../fuzz/target.ts";
import { seededRandom } from "../support/random.ts";
import { valueAt } from "../support/sequence_world.ts";
import { runSteps, type Step, step } from "./step.ts";

const END = { hostname: "10.0.0.2", port: 49_155 };

const LENGTH = 6;
const UUID = "01234567-89ab-4def-8123-456789abcdef";
const SESSION = "00112233445566778899aabbccddeeff";
const TOKEN = "ffeeddccbbaa99887766554433221100";

interface Model {
  connected: boolean;
  /** A session was begun. */
  begun: boolean;
  /** Indices below were received, given out, and come back from. */
  received: number;
  given: number;
  taken: number;
  /** Indices below were confirmed on the last connection, and asked for. */
  confirmed: number;
  asked: number;
  /** The server said FIN on the last connection. */
  fin: boolean;
  /** All was taken and is what the server sent. */
  verified: boolean;
  /** Since then it connected once to tell the server. */
  told: boolean;
  ended: boolean;
}

/** A client that hears and says lines. */
class Real {
  now = 0;
  connection = 0;
  #machine: SequenceClientMachine;
  #said: string[] = [];

  constructor() {
    const checksum = new SequenceChecksum().save();
    this.#machine = made({ version: 1, client: UUID, length: LENGTH, checksum, done: false }, 0);
  }

  get machine(): SequenceClientMachine {
    return this.#machine;
  }

  /** The lines said and the words put out since the last call. */
  said(): string[] {
    return this.#said.splice(0);
  }

  connect(): string[] {
    this.now = Math.max(this.now, this.#machine.deadline!);
    this.#note(this.#machine.tick(this.now));
    return this.tell({ type: "opened", connection: this.connection, remote: END, local: END });
  }

  /** Lets the time pass until the machine is due. */
  pass(): string[] {
    this.now = this.#machine.deadline!;
    this.#note(this.#machine.tick(this.now));
    return this.said();
  }

  hear(line: string): string[] {
    return this.tell({ type: "data", connection: this.connection, bytes: bytesOf(`${line}\n`) });
  }

  tell(input: SequenceClientInput): string[] {
    this.#note(this.#machine.handle(input, this.now));
    return this.said();
  }

  /** Killed and started again from what can be read back. */
  restart(): void {
    const snapshot = JSON.parse(JSON.stringify(this.#machine.snapshot()));
    this.#machine = made(checkSequenceSnapshot(snapshot), this.now);
  }

  #note(outputs: ReturnType<SequenceClientMachine["handle"]>): void {
    for (const output of outputs) {
      if (output.type === "send") this.#said.push(latin1(output.bytes).trimEnd());
      else if (output.type === "connect") this.connection = output.connection;
      else if (["disconnected", "done", "failed"].includes(output.type)) {
        this.#said.push(output.type);
      }
    }
  }
}

const connect = fc.constant(
  client("connect()", (model, real) => {
    const { begun, received } = model;
    if (model.told) {
      model.ended = true;
      return assertEquals(real.connect(), ["done"]);
    }
    model.told = model.verified;
    const hello = begun ? `RESUME 1 ${SESSION} ${TOKEN} ${received}` : `HELLO 1 ${UUID} ${LENGTH}`;
    assertEquals(real.connect(), [hello]);
    const said = real.hear(
      begun ? `RESUMED ${TOKEN} 2 ${received}` : `WELCOME ${SESSION} ${TOKEN} 1 0 5000 30000`,
    );
    Object.assign(model, { connected: true, begun: true, fin: false });
    Object.assign(model, { confirmed: model.taken, asked: 0 });
    assertEquals(said, [`ACK ${model.taken}`]);
  }, ({ connected }) => !connected),
);
const next = fc.constant(
  client("the next number", (model, real) => {
    assertEquals(real.hear(`NUMBER ${model.received} ${valueAt(model.received)}`), []);
    model.received++;
  }, ({ connected, received }) => connected && received < LENGTH),
);
const again = fc.nat(LENGTH).map((index) =>
  client(`number ${index} again`, (_, real) => {
    assertEquals(real.hear(`NUMBER ${index} 7`), []);
  }, ({ connected, received }) => connected && index < received)
);
const gap = fc.integer({ min: 1, max: 3 }).map((by) =>
  client(`a gap of ${by}`, (model, real) => {
    assertEquals(real.hear(`NUMBER ${model.received + by} 7`), lost(model));
  }, ({ connected }) => connected)
);
const take = fc.constant(
  client("take()", (model, real) => {
    const { given, received } = model;
    model.taken = given;
    const value = real.machine.take();
    assertEquals(value, given < received ? valueAt(given) : undefined);
    if (value !== undefined) model.given++;
    const said = real.tell({ type: "confirm" });
    const due = model.taken === LENGTH || model.confirmed < model.asked;
    assertEquals(said, [...(model.connected && due ? ack(model) : []), ...finAck(model)]);
  }),
);
const fin = fc.constant(
  client("FIN", (model, real) => {
    const checksum = new SequenceChecksum();
    for (let i = 0; i < LENGTH; i++) checksum.add(valueAt(i));
    const { crc32, sha256 } = checksum.digest();
    const said = real.hear(`FIN ${LENGTH} ${crc32} ${sha256}`);
    model.fin = model.received === LENGTH;
    assertEquals(said, model.fin ? finAck(model) : lost(model));
  }, ({ connected }) => connected),
);
const ping = fc.nat(9).map((id) =>
  client(`PING ${id}`, (model, real) => {
    model.asked = model.received;
    assertEquals(real.hear(`PING ${id}`), [...ack(model), `PONG ${id}`]);
  }, ({ connected }) => connected)
);
const pass = fc.constant(
  client("pass()", (model, real) => {
    assertEquals(real.pass(), ack(model));
  }, ({ connected, taken, confirmed }) => connected && taken > confirmed),
);
const cut = fc.constant(
  client("cut()", (model, real) => {
    const ended = { type: "ended", connection: real.connection, reason: "reset" } as const;
    assertEquals(real.tell(ended), lost(model));
  }, ({ connected }) => connected),
);
const restart = fc.constant(
  client("restart()", (model, real) => {
    real.restart();
    // What was given out and not come back from is given out again.
    const { taken } = model;
    model.told = model.verified;
    Object.assign(model, { connected: false, fin: false, received: taken, given: taken });
  }),
);

Deno.test("model: a sequence client is the next index it wants and the next it gives out", {
  permissions: "none",
}, () =>
  runSteps<Model, Real>(
    [
      connect,
      connect,
      connect,
      next,
      next,
      next,
      next,
      again,
      take,
      take,
      take,
      gap,
      fin,
      ping,
      pass,
      cut,
    ]
      .concat(restart),
    () => ({
      model: {
        ...{
          connected: false,
          begun: false,
          fin: false,
          verified: false,
          told: false,
          ended: false,
        },
        ...{ received: 0, given: 0, taken: 0, confirmed: 0, asked: 0 },
      },
      real: new Real(),
    }),
    { length: 100 },
  ));

function client(
  words: string,
  run: (model: Model, real: Real) => void,
  may: (model: Readonly<Model>) => boolean = () => true,
): Step<Model, Real> {
  return step(words, (model, real) => {
    run(model, real);
    assertEquals(real.machine.taken, model.taken);
  }, (model) => !model.ended && may(model));
}

/** A lost connection is a reason to try again, unless it was to tell the end. */
function lost(model: Model): string[] {
  model.connected = false;
  model.ended = model.told;
  return [model.told ? "done" : "disconnected"];
}

/** All that was taken is confirmed, if that is news. */
function ack(model: Model): string[] {
  const news = model.taken > model.confirmed;
  model.confirmed = model.taken;
  return news ? [`ACK ${model.taken}`] : [];
}

/** The end is confirmed when all was come back from and the server said FIN. */
function finAck(model: Model): string[] {
  model.verified ||= model.fin && model.taken === LENGTH;
  model.ended = model.connected && model.fin && model.verified;
  return model.ended ? ["FIN-ACK"] : [];
}

function made(snapshot: SequenceSnapshot, now: number): SequenceClientMachine {
  return new SequenceClientMachine({ snapshot }, { server: "s:1", random: seededRandom(1) }, now);
}
