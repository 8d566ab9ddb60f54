/**
 * Many clients of socket.io in one process, with just enough of its protocol, packets of Engine.IO 4 and
 * Socket.IO 5: its own client takes more than a core for so many, and it is the server that is looked at.
 *
 * It checks that each index comes once and in order, and confirms it when the clients of our own server
 * would.
 *
 * @module
 */
import { answer } from "../harness/worker.ts";
import { Confirmations, startEvenly } from "../load/clients.ts";

const [port, count, span] = Deno.args.map(Number) as [number, number, number];
let connected = 0;
let numbers = 0;
/** Packets that should not have come, and connections that ended. */
let wrong = 0;
let settled = (): void => {};
const confirmations = new Confirmations<Client>((client) => client.confirm());

/** One client: it lives as long as the process. */
class Client {
  readonly #stream: number;
  readonly #socket = new WebSocket(
    `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
  );
  #next: number | undefined;

  constructor(stream: number) {
    this.#stream = stream;
    this.#socket.onmessage = ({ data }) => this.#answerPacket(data);
    this.#socket.onclose = () => wrong++;
  }

  confirm(): void {
    this.#socket.send(`42["ack",${this.#next}]`);
  }

  #answerPacket(packet: string): void {
    if (packet.startsWith(EVENT)) {
      const index = parseInt(packet.slice(EVENT.length));
      if (this.#next !== undefined && index !== this.#next) wrong++;
      this.#next = index + 1;
      numbers++;
      confirmations.wait(this);
    } else if (packet === "2") this.#socket.send("3");
    else if (packet.startsWith("40")) {
      if (++connected === count) settled();
    } else if (packet.startsWith("0")) this.#socket.send(`40{"stream":${this.#stream}}`);
    else wrong++;
  }
}

/** Starts all clients, evenly over `span` ms; answers with the ms until all are connected, if they are. */
async function start(): Promise<number | null> {
  const began = performance.now();
  const all = new Promise<void>((resolve) => settled = resolve);
  const patience = setTimeout(() => settled(), span + PATIENCE);
  await startEvenly(count, span, (stream) => new Client(stream));
  await all;
  clearTimeout(patience);
  return connected < count ? null : performance.now() - began;
}

/** In ms. */
const PATIENCE = 20_000;
const EVENT = '42["number",';

await answer({}, { start, seen: () => ({ numbers, wrong }) });
