/**
 * How fast a sequence goes on when the network is back.
 *
 * This file knows the number of trials and the target. It does not know what happens to the network.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { type Lateness, LatenessLog } from "../harness/lateness.ts";
import type { Result, Row, Tools } from "../harness/row.ts";

/** From the moment at which a client may be back to the moment at which it is. */
export const sequenceResume: Row = {
  name: "sequence-resume",
  summary: "sequence clients behind a proxy that is cut or a blackhole, and heals",
  async measure({ children }: Tools): Promise<Result[]> {
    const server = await children.worker("sequence_resume.ts");
    const clients = await children.worker("sequence_resume.ts", server.ready.port, CLIENTS);
    const cut = await repeated(clients, "cut", CUTS);
    const blackhole = await repeated(clients, "blackhole", BLACKHOLES);
    await clients.stop();
    await server.stop();
    return [
      result("cut", cut, "the proxy refuses for 100 to 600 ms"),
      result("blackhole", blackhole, "nothing comes through until the clients have hung up"),
    ];
  },
};

async function repeated(clients: Worker, fault: string, rounds: number): Promise<Lateness> {
  const log = new LatenessLog();
  for (let round = 0; round < rounds; round++) {
    for (const took of await clients.ask(fault) as number[]) log.add(took);
  }
  return log.take();
}

function result(fault: string, { count, p50, p99, most }: Lateness, meaning: string): Result {
  return {
    work: `sequence resumed after a ${fault}: p99 beyond backoff`,
    ours: `${p99.toFixed(1)} ms`,
    floor: "-",
    target: `<= ${TARGET} ms + backoff`,
    met: p99 <= TARGET,
    notes: [
      `${meaning}; ${count} resumes of ${CLIENTS} clients, from the heal or the end of the wait that ` +
      `a client had announced, whichever was later, to its \`resumed\`: p50 ${
        p50.toFixed(1)
      } ms, ` +
      `largest ${most.toFixed(1)} ms`,
    ],
  };
}

const CLIENTS = 20;
const CUTS = 15;
const BLACKHOLES = 6;
/** In ms. */
const TARGET = 50;
