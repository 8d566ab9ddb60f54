/**
 * Clients of NATS with an ordered consumer of JetStream each, on a way that comes and goes; or, with
 * `serve`, the publisher of their streams, which is connected to the server directly.
 *
 * This file knows the client of NATS. It does not know what happens to the network.
 *
 * @module
 */
import { resumeAnswers, Resumes } from "./resumes.mjs";
import { answer, load } from "./worker.mjs";

const { connect } = load("@nats-io/transport-node");
const { jetstream, jetstreamManager } = load("@nats-io/jetstream");
const [role, ...numbers] = process.argv.slice(2);
const [port, count, interval, heartbeat, firstWait] = numbers.map(Number);
const STREAM = "numbers";
const server = `127.0.0.1:${port}`;

async function serve() {
  const nats = await connect({ servers: server });
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: STREAM, subjects: [`${STREAM}.>`], storage: "memory" });
  let index = 0;
  setInterval(() => {
    for (let stream = 0; stream < count; stream++) {
      nats.publish(`${STREAM}.${stream}`, String(index));
    }
    index++;
  }, interval);
  return nats;
}

async function client(stream) {
  const resumes = new Resumes();
  const nats = await connect({
    servers: server,
    ignoreClusterUpdates: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: firstWait,
    reconnectJitter: firstWait,
    pingInterval: heartbeat,
    maxPingOut: 3,
  });
  watch(nats, resumes);
  const subject = `${STREAM}.${stream}`;
  const consumer = await jetstream(nats).consumers.get(STREAM, { filter_subjects: subject });
  read(await consumer.consume(), resumes);
  return { nats, resumes };
}

async function watch(nats, resumes) {
  for await (const { type } of nats.status()) {
    if (type === "disconnect") resumes.gone();
    if (type === "reconnecting") resumes.trying();
  }
}

async function read(messages, resumes) {
  for await (const message of messages) resumes.take(Number(message.string()));
}

if (role === "serve") {
  const { info } = await serve();
  answer({ name: `NATS ${info.version}` }, {});
} else {
  const clients = await Promise.all(Array.from({ length: count }, (_, stream) => client(stream)));
  const name = `NATS ${clients[0].nats.info.version}`;
  answer({ name }, resumeAnswers(clients.map(({ resumes }) => resumes)));
}
