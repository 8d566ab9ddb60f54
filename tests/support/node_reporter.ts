/**
 * What a run on Node prints: every failure where it happened, then one line of counts.
 *
 * @module
 */
import { writeSync } from "node:fs";
import process from "node:process";

/** The part of an event of `node:test` that is read. */
interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly nesting: number;
    readonly skip?: unknown;
    readonly details?: { readonly error?: { readonly cause?: unknown } };
  };
}

/** Turns events into text. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0, failed = 0, leftOut = 0;
  // Not yielded: a run that is made to exit does not wait for what comes last.
  process.on("exit", () => {
    const counts = `${passed} passed, ${failed} failed, ${leftOut} left out`;
    writeSync(process.stdout.fd, `node ${process.version}: ${counts}\n`);
  });
  for await (const { type, data } of events) {
    if (type === "test:fail") {
      const { error } = data.details ?? {};
      const cause = error?.cause ?? error;
      const text = cause instanceof Error ? cause.stack ?? cause.message : String(cause);
      yield `FAILED ${data.name}\n${text}\n`;
    }
    // Steps are parts of a test.
    if (data.nesting !== 0) continue;
    if (type === "test:fail") failed++;
    if (type === "test:pass" && data.skip !== undefined) leftOut++;
    else if (type === "test:pass") passed++;
  }
}
