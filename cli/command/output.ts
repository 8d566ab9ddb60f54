/**
 * Lines on standard output and standard error, either of which may be full, or gone as in `| head`.
 *
 * @module
 */
import process from "node:process";

/** Writes a line to standard output. */
export function print(line: string): void {
  write("log", line);
}

/** Writes a line to standard error. */
export function complain(line: string): void {
  write("error", line);
}

/** Has what cannot be written be lost, from now on: Node throws for it later, Deno at once. */
export function outliveOutput(): void {
  if (outliving) return;
  outliving = true;
  process.stdout.on("error", lost);
  process.stderr.on("error", lost);
}

function write(where: "log" | "error", line: string): void {
  outliveOutput();
  try {
    console[where](line);
  } catch (error) {
    lost(error as Error);
  }
}

/** If the reader is gone, nothing more is written; a full disk is reported once, on standard error. */
function lost({ code, message }: Error & { code?: string }): void {
  if (said || code === "EPIPE" || code === "EIO" || message.includes("roken pipe")) return;
  said = true;
  try {
    const why = /ENOSPC|error 28/.test(message) ? "No space left on device" : message;
    console.error(`Cannot write: ${why}`);
  } catch {
    // Standard error cannot be written either.
  }
}

let outliving = false;
let said = false;
