/**
 * Many clients of socket.io in one process, with just enough of its protocol: its own client takes more
 * than a core for so many, and it is the server that is looked at.
 *
 * It reads frames of WebSockets (RFC 6455) and packets of Engine.IO 4 and Socket.IO 5, and checks that each index comes once and in order, and confirms it when the clients of our own server would.
 *
 * @module
 */
import { Confirmations } from "../load/confirmations.ts";
import { answer } from "../harness/worker.ts";

const [port, count, span] = Deno.args.map(Number) as [number, number, number];
const encoder = new TextEncoder();
const decoder = new TextDecoder();
let connected = 0;
let numbers = 0;
/** Packets that should not have come, and connections that ended. */
let wrong = 0;
let settled = (): void => {};
const confirmations = new Confirmations<Client>((client) => {
  client.confirm().catch(() => wrong++);
});

/** One client: it lives as long as the process. */
class Client {
  readonly #stream: number;
  #connection!: Deno.TcpConn;
  #next: number | undefined;

  constructor(stream: number) {
    this.#stream = stream;
  }

  async live(): Promise<void> {
    this.#connection = await Deno.connect({ hostname: "127.0.0.1", port });
    this.#connection.setNoDelay(true);
    await this.#connection.write(encoder.encode(UPGRADE));
    let rest = new Uint8Array();
    let upgraded = false;
    const buffer = new Uint8Array(READ);
    for (let length; (length = await this.#connection.read(buffer)) !== null;) {
      let bytes = joined(rest, buffer.subarray(0, length));
      if (!upgraded) {
        const end = decoder.decode(bytes).indexOf("\r\n\r\n");
        upgraded = end >= 0;
        if (upgraded) bytes = bytes.subarray(end + 4);
      }
      rest = upgraded ? await this.#read(bytes) : bytes.slice();
    }
    wrong++;
  }

  confirm(): Promise<void> {
    return this.#say(`42["ack",${this.#next}]`);
  }

  /** Takes every whole frame; returns what is left. */
  async #read(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const long = bytes[1] === LONG;
      const head = long ? 4 : 2;
      if (bytes.length < head) return bytes.slice();
      const end = head + (long ? bytes[2]! << 8 | bytes[3]! : bytes[1]!);
      if (bytes.length < end) return bytes.slice();
      await this.#answerPacket(decoder.decode(bytes.subarray(head, end)));
      bytes = bytes.subarray(end);
    }
  }

  async #answerPacket(packet: string): Promise<void> {
    if (packet.startsWith(EVENT)) {
      const [, index] = JSON.parse(packet.slice(2)) as [string, number];
      if (this.#next !== undefined && index !== this.#next) wrong++;
      this.#next = index + 1;
      numbers++;
      confirmations.wait(this);
    } else if (packet === "2") await this.#say("3");
    else if (packet.startsWith("40")) {
      if (++connected === count) settled();
    } else if (packet.startsWith("0")) await this.#say(`40{"stream":${this.#stream}}`);
    else wrong++;
  }

  /** A text frame with a mask of zeros. */
  async #say(packet: string): Promise<void> {
    const frame = new Uint8Array(6 + packet.length);
    frame.set([0x81, 0x80 | packet.length]);
    encoder.encodeInto(packet, frame.subarray(6));
    await this.#connection.write(frame);
  }
}

function joined(rest: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (rest.length === 0) return bytes;
  const both = new Uint8Array(rest.length + bytes.length);
  both.set(rest);
  both.set(bytes, rest.length);
  return both;
}

/** Starts all clients, evenly over `span` ms; answers with the ms until all are connected, if they are. */
async function start(): Promise<number | null> {
  const began = performance.now();
  const all = new Promise<void>((resolve) => settled = resolve);
  const patience = setTimeout(() => settled(), span + PATIENCE);
  for (let i = 0; i < count; i++) {
    const wait = began + i / count * span - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    new Client(i).live().catch(() => wrong++);
  }
  await all;
  clearTimeout(patience);
  return connected < count ? null : performance.now() - began;
}

/** In ms. */
const PATIENCE = 20_000;
const READ = 512;
/** The length of a frame follows in two bytes. */
const LONG = 126;
const EVENT = '42["number",';
const UPGRADE = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: aGVhcnRsaW5lLWJlbmNoIQ==\r\n\r\n";

await answer({}, { start, seen: () => ({ numbers, wrong }) });
