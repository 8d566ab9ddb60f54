/**
 * Many sequence clients in one process, with just enough of the protocol.
 *
 * A client confirms when `receiveSequence` would, and comes back after the same backoff, or when GOAWAY
 * says. It checks that each index comes once and in order, and no value. With `silent` its clients only
 * read, for a server that only writes.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { fullJitter } from "../../core/mod.ts";
import { encodeSequenceRequest, type SequenceRequest } from "../../sequence/mod.ts";
import { answer } from "../harness/worker.ts";
import { Confirmations, startEvenly } from "./clients.ts";

const [port, count, span, kind] = Deno.args as [string, string, string, "talking" | "silent"];
const server = { hostname: "127.0.0.1", port: Number(port) };
const clients: Client[] = [];
const decoder = new TextDecoder();
/** Clients with a session on an open connection. */
let streaming = 0;
let numbers = 0;
/** Lines that should not have come. */
let wrong = 0;
/** Attempts that did not lead to a session: to connect, and to be accepted. */
let refused = 0;
const rejected: Record<string, number> = {};
let settled = (): void => {};
// A client that is gone by then finds it out as it reads.
const confirmations = new Confirmations<Client>((client) => void client.confirm().catch(() => {}));

/** One client: it lives as long as the process. */
class Client {
  connection: Deno.TcpConn | undefined;
  #session = "";
  #token = "";
  #next = 0;
  #failures = 0;
  #streams = false;
  /** Ends an attempt that gets no answer, as `receiveSequence` does. */
  #patience: ReturnType<typeof setTimeout> | undefined;

  async live(): Promise<void> {
    for (;;) {
      let wait: number | undefined;
      this.#patience = setTimeout(() => this.close(), PATIENCE);
      try {
        this.connection = await Deno.connect(server);
        this.connection.setNoDelay(true);
        wait = await this.#listen(this.connection);
      } catch {
        if (!this.#streams) refused++;
      }
      this.close();
      await delay(wait ?? fullJitter(this.#failures++, Math.random));
    }
  }

  close(): void {
    clearTimeout(this.#patience);
    confirmations.end(this);
    if (this.#streams) streaming--;
    this.#streams = false;
    try {
      this.connection?.close();
    } catch {
      // It was closed before.
    }
    this.connection = undefined;
  }

  confirm(): Promise<void> {
    return this.#say({ type: "ack", next: this.#next });
  }

  /** Reads until the server sends it away; returns for how long. */
  async #listen(connection: Deno.TcpConn): Promise<number | undefined> {
    if (kind === "talking") await this.#say(this.#greeting());
    const buffer = new Uint8Array(READ);
    let rest = "";
    for (let length; (length = await connection.read(buffer)) !== null;) {
      const lines = (rest + decoder.decode(buffer.subarray(0, length))).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const retry = await this.#answerLine(line.split(" "));
        if (retry !== undefined) return retry;
      }
    }
    return undefined;
  }

  #greeting(): SequenceRequest {
    return this.#session
      ? { type: "resume", session: this.#session, token: this.#token, next: this.#next }
      : { type: "hello", client: crypto.randomUUID(), length: LENGTH };
  }

  async #answerLine([word, ...fields]: string[]): Promise<number | undefined> {
    switch (word) {
      case "WELCOME":
        this.#session = fields[0]!;
        this.#token = fields[1]!;
        return await this.#greeted();
      case "RESUMED":
        this.#token = fields[0]!;
        return await this.#greeted();
      case "NUMBER":
        if (Number(fields[0]) !== this.#next++) wrong++;
        numbers++;
        this.#failures = 0;
        if (!this.#streams) await this.#greeted();
        else if (kind === "talking") confirmations.wait(this);
        return undefined;
      case "PING":
        if (confirmations.end(this)) await this.confirm();
        await this.#say({ type: "pong", id: Number(fields[0]) });
        return undefined;
      case "GOAWAY":
        return Number(fields[0]);
      case "REJECTED":
        rejected[fields[0]!] = (rejected[fields[0]!] ?? 0) + 1;
        return undefined;
      default:
        wrong++;
        return undefined;
    }
  }

  async #greeted(): Promise<undefined> {
    clearTimeout(this.#patience);
    this.#streams = true;
    if (++streaming === clients.length) settled();
    if (kind === "talking") await this.confirm();
  }

  async #say(request: SequenceRequest): Promise<void> {
    await this.connection?.write(encodeSequenceRequest(request));
  }
}

/** Starts all clients, evenly over `span` ms; answers with the ms until all have a session. */
async function start(): Promise<number> {
  const began = performance.now();
  while (clients.length < Number(count)) clients.push(new Client());
  await startEvenly(clients.length, Number(span), (i) => void clients[i]!.live());
  await settle();
  return performance.now() - began;
}

/** Closes every connection at once; answers with the ms until all clients are back. */
function drop(): Promise<number> {
  for (const client of clients) client.close();
  return settle();
}

/** Answers with the ms until all clients have a session; none, if they do. */
async function settle(): Promise<number> {
  const began = performance.now();
  while (streaming < clients.length) await new Promise<void>((resolve) => settled = resolve);
  return performance.now() - began;
}

/** The longest there is, which no run reaches. */
const LENGTH = 65_535;
const READ = 256;
/** In ms. */
const PATIENCE = 10_000;

await answer({}, { start, drop, settle, seen: () => ({ numbers, wrong, refused, rejected }) });
