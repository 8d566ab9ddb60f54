/**
 * The least code that reads from any number of connections in this runtime.
 *
 * This file knows sockets and a count. It does not look at a byte.
 *
 * @module
 */
import { answer, intervalAnswers, memoryAnswer } from "../harness/worker.ts";

const MESSAGE_BYTES = 59;
/** As the library's. */
const BACKLOG = 4_096;
const bufferSize = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: BACKLOG });
let bytes = 0;

async function accept(): Promise<void> {
  for await (const connection of listener) void read(connection);
}

async function read(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(bufferSize);
  try {
    for (let count; (count = await connection.read(buffer)) !== null;) bytes += count;
  } catch {
    // The load was killed.
  }
  connection.close();
}

void accept();
await answer({ port: listener.addr.port }, {
  ...intervalAnswers(() => bytes / MESSAGE_BYTES),
  ...memoryAnswer(),
});
