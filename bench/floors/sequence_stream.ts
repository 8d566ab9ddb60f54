/**
 * The bytes of one sequence without an interval through bare sockets, one of which is this process.
 *
 * This file writes the lines and counts line feeds, and looks at nothing else. It does not know how long
 * is measured.
 *
 * @module
 */
import { numberLines } from "../harness/number_lines.ts";
import { passes } from "../harness/passes.ts";
import { answer, intervalAnswers } from "../harness/worker.ts";

const port = Deno.args[0];
const LARGEST_READ = 65_536;
const LINE_FEED = 10;
let received = 0;

function serve(): number {
  const chunks = numberLines();
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

async function receive(): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const buffer = new Uint8Array(LARGEST_READ);
  for (let length; (length = await connection.read(buffer)) !== null;) {
    for (let at = -1; (at = buffer.indexOf(LINE_FEED, at + 1)) >= 0 && at < length;) received++;
  }
  connection.close();
}

const ready = port === undefined ? { port: serve() } : {};
const count = (): number => received;
await answer(ready, { ...intervalAnswers(count), run: () => passes(receive, count) });
