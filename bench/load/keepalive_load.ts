/**
 * Many keepalive clients in one process that answer probes and send nothing else.
 *
 * @module
 */
import { answer } from "../harness/worker.ts";
import { startEvenly } from "./clients.ts";

const [port, count, span] = Deno.args.map(Number) as [number, number, number];
const PROBE = "HEARTBEAT ";
const encoder = new TextEncoder();
const decoder = new TextDecoder();
let open = 0;
/** What should not have come. */
let wrong = 0;

async function live(): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  open++;
  const buffer = new Uint8Array(64);
  for (let length; (length = await connection.read(buffer)) !== null;) {
    const line = decoder.decode(buffer.subarray(0, length));
    // One probe at a time is under way, and one line of it comes in one piece.
    if (!line.startsWith(PROBE)) wrong++;
    await connection.write(encoder.encode(`HEARTBEAT-ACK ${line.slice(PROBE.length)}`));
  }
  open--;
}

await answer({}, { start: () => startEvenly(count, span, live), seen: () => ({ open, wrong }) });
