/**
 * One sequence without an interval through the library's two ends, one of which is this process.
 *
 * This file knows the public API. It does not know how long is measured.
 *
 * @module
 */
import process from "node:process";
import { answer, intervalAnswers } from "../../harness/worker.ts";
import { passes } from "../../harness/passes.ts";
import { receiveSequence, serveSequence } from "../../../sequence/mod.ts";

const port = process.argv[2];
/** The longest sequence there is. */
const LENGTH = 65_535;
let received = 0;

async function serve(): Promise<number> {
  return (await serveSequence({ port: 0, interval: 0 })).address.port;
}

async function receive(): Promise<void> {
  for await (const _number of receiveSequence({ port: Number(port), length: LENGTH })) received++;
}

const ready = port === undefined ? { port: await serve() } : {};
const count = (): number => received;
await answer(ready, { ...intervalAnswers(count), run: () => passes(receive, count) });
