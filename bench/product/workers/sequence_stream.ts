/**
 * The library's server of sequences without an interval; with the port of another, one sequence after the
 * other through the loop of a user.
 *
 * @module
 */
import process from "node:process";
import { answer, costAnswers, rateOf } from "../../harness/worker.ts";
import { receiveSequence, serveSequence } from "../../../sequence/mod.ts";

const port = process.argv[2];
/** The longest sequence there is. */
const LENGTH = 65_535;
let received = 0;

async function receive(): Promise<void> {
  for await (const _number of receiveSequence({ port: Number(port), length: LENGTH })) received++;
}

const count = (): number => received;
const ready = port === undefined ? (await serveSequence({ port: 0, interval: 0 })).address : {};
await answer(ready, { ...costAnswers(count), run: () => rateOf(receive, count) });
