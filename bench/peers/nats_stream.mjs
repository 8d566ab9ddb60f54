/**
 * One sequence after the other through JetStream, as fast as it goes: a stream in memory, an ordered
 * consumer for each sequence.
 *
 * With `serve` it publishes what is asked for; with `receive` it asks, and reads. Numbers are published
 * without waiting for the confirmation of each, which is the fastest there is; whatever is lost by that
 * is missing at the other end, where each index and the checksum are looked at.
 *
 * This file knows the client of NATS. It does not know how long is measured.
 *
 * @module
 */
import { Checked, LENGTH, rateOf, valueAt } from "./numbers.mjs";
import { answer, intervalAnswers, load } from "./worker.mjs";

const { connect } = load("@nats-io/transport-node");
const { jetstream, jetstreamManager } = load("@nats-io/jetstream");
const [role, port] = process.argv.slice(2);
const BATCH = 4_096;
const STREAM = "numbers";
const nats = await connect({ servers: `127.0.0.1:${port}` });
let numbers = 0;
let sequences = 0;

async function serve() {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: STREAM, subjects: [`${STREAM}.>`], storage: "memory" });
  nats.subscribe("begin", { callback: (_error, message) => send(message.string()) });
  nats.subscribe("end", {
    callback: (_error, message) => manager.streams.purge(STREAM, { filter: message.string() }),
  });
  await nats.flush();
}

async function send(subject) {
  const sent = new Checked();
  while (sent.next < LENGTH) {
    const end = Math.min(LENGTH, sent.next + BATCH);
    while (sent.next < end) {
      const index = sent.next;
      const value = valueAt(index);
      sent.take(index, value);
      nats.publish(subject, `${index} ${value}`);
    }
    await nats.flush();
  }
  numbers += LENGTH;
  nats.publish(subject, `fin ${sent.sum()}`);
}

async function receive() {
  const subject = `${STREAM}.${process.pid}-${sequences++}`;
  const received = new Checked();
  nats.publish("begin", subject);
  const consumer = await jetstream(nats).consumers.get(STREAM, { filter_subjects: subject });
  const messages = await consumer.consume({ max_messages: BATCH });
  for await (const message of messages) {
    const [index, value] = message.string().split(" ");
    if (index === "fin") {
      if (value !== received.sum()) throw new Error("checksums differ");
      break;
    }
    received.take(Number(index), Number(value));
    numbers++;
  }
  await messages.close();
  await consumer.delete();
  nats.publish("end", subject);
}

if (role === "serve") await serve();
// What cannot work says so before it is ready.
else await receive();
const name = `NATS ${nats.info.version}`;
answer({ name }, { ...intervalAnswers(() => numbers), run: () => rateOf(receive) });
