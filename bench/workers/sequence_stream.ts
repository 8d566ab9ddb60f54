/**
 * One sequence without an interval, from end to end: the library's two ends, or the same bytes through
 * bare sockets.
 *
 * This file knows both servers and both receivers; each process is one of the four. The bare receiver
 * counts line feeds and looks at nothing else. It does not know how long is measured.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";
import { numbersOf, receiveSequence, serveSequence } from "../../sequence/mod.ts";

const [kind, port] = Deno.args as ["ours" | "floor", string | undefined];
/** The longest sequence there is. */
const LENGTH = 65_535;
/** The library's server sends up to so many numbers in one write. */
const NUMBERS_PER_WRITE = 4_096;
const LARGEST_READ = 65_536;
const LINE_FEED = 10;
let received = 0;

async function serveOurs(): Promise<number> {
  return (await serveSequence({ port: 0, interval: 0 })).address.port;
}

function serveFloor(): number {
  const chunks = linesOf(numbersOf([1, 2]));
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void (async () => {
    for await (const connection of listener) {
      for (const chunk of chunks) {
        for (let sent = 0; sent < chunk.length;) {
          sent += await connection.write(chunk.subarray(sent));
        }
      }
      connection.close();
    }
  })();
  return listener.addr.port;
}

function linesOf(value: (index: number) => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let next = 0; next < LENGTH;) {
    let text = "";
    const end = Math.min(LENGTH, next + NUMBERS_PER_WRITE);
    for (; next < end; next++) text += `NUMBER ${next} ${value(next)}\n`;
    chunks.push(new TextEncoder().encode(text));
  }
  return chunks;
}

async function receiveOurs(): Promise<void> {
  for await (const _number of receiveSequence({ port: Number(port), length: LENGTH })) received++;
}

async function receiveFloor(): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const buffer = new Uint8Array(LARGEST_READ);
  for (let length; (length = await connection.read(buffer)) !== null;) {
    for (let at = -1; (at = buffer.indexOf(LINE_FEED, at + 1)) >= 0 && at < length;) received++;
  }
  connection.close();
}

/** Sequence after sequence for a while; answers with numbers a second. */
async function run(): Promise<number> {
  const before = received;
  const began = performance.now();
  while (performance.now() - began < RUN) await (kind === "ours" ? receiveOurs : receiveFloor)();
  return (received - before) / (performance.now() - began) * 1000;
}

/** In ms. */
const RUN = 1_000;

const server = port === undefined && (kind === "ours" ? await serveOurs() : serveFloor());
await answer({ port: server }, { ...intervalAnswers(() => received), run });
