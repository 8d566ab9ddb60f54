import { assert, assertEquals } from "@std/assert";
import { type ErrorCode, type ErrorSide, HeartlineError, messageOf } from "../../core/errors.ts";

const SIDES: Record<ErrorCode, ErrorSide> = {
  "invalid-option": "local",
  "permission-denied": "local",
  "address-in-use": "local",
  "address-not-available": "local",
  "name-not-found": "local",
  "connection-refused": "remote",
  "connection-reset": "remote",
  "unreachable": "remote",
  "timed-out": "remote",
  "not-reading": "remote",
  "closed": "local",
  "too-many-open-files": "local",
  "not-supported": "local",
  "session-ended": "remote",
  "checksum-differs": "remote",
  "io": "local",
};

for (const [code, side] of Object.entries(SIDES) as [ErrorCode, ErrorSide][]) {
  Deno.test(`${code} is a fault of the ${side} side`, { permissions: "none" }, () => {
    assertEquals(new HeartlineError(code, "Cannot go on").side, side);
  });
}

Deno.test("a message is one line that steers no terminal", { permissions: "none" }, () => {
  const found = "a\r\nb\x1b[2Jc\x7f\x9b\u2028é";
  const { message } = new HeartlineError("invalid-option", `Cannot use it: found ${found}`);
  const shown = "a\\u000d\\u000ab\\u001b[2Jc\\u007f\\u009b\\u2028é";
  assertEquals(message, `Cannot use it: found ${shown}`);
});

Deno.test("an error has a name, a code, a message and a cause", { permissions: "none" }, () => {
  const cause = new Error("below");
  const error = new HeartlineError("io", "Cannot read: the disk is gone", { cause });
  assert(error instanceof Error);
  assertEquals(String(error), "HeartlineError: Cannot read: the disk is gone");
  assertEquals([error.code, error.cause], ["io", cause]);
});

/** Each row: what is thrown, and what is said of it. */
const THROWN: readonly (readonly [thrown: unknown, said: string])[] = [
  [new Error("no more\nand where"), "no more"],
  [new HeartlineError("io", "Cannot read"), "Cannot read"],
  [new TypeError(""), "TypeError"],
  ["nothing\nleft", "nothing"],
  ["\u001b[2Jgone", "\\u001b[2Jgone"],
  [7n, "7"],
  [undefined, "undefined"],
  [null, "null"],
  [Symbol("s"), "Symbol(s)"],
  [Object.create(null), "object"],
  [{ toString: () => null as unknown as string }, "null"],
  [Object.assign(new Error(), { message: { toString: 7, valueOf: 7 } }), "object"],
  [Object.assign(new Error(), { message: 7 }), "7"],
];

for (const [thrown, said] of THROWN) {
  Deno.test(`what was thrown is said in one line: ${said}`, { permissions: "none" }, () => {
    assertEquals(messageOf(thrown), said);
  });
}
