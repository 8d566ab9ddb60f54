/**
 * Tells when a line comes by, and keeps it back where a test wants it lost.
 *
 * @module
 */
import type { LineWatch } from "./watched_net.ts";

/** A line that is waited for. */
export interface TrappedLine {
  /** Its first word; `OPENED`: a connection was opened, and nothing said. */
  readonly at: string;
  /** `held`: the line gets lost. `passed`: it was sent, or its receiver has it. */
  readonly how: "held" | "passed";
}

/** Waits for a line on any connection of a `watchedNet`. */
export class LineTrap implements LineWatch {
  #armed: { line: TrappedLine; sprung: () => void } | undefined;

  /** Waits for a line from now on; resolves in the moment in which it comes by. */
  arm(line: TrappedLine): Promise<void> {
    return new Promise((sprung) => this.#armed = { line, sprung });
  }

  opened(): void {
    this.#see("OPENED", "passed");
  }

  holds(line: string): boolean {
    return this.#see(line, "held");
  }

  passed(line: string): void {
    this.#see(line, "passed");
  }

  #see(line: string, how: TrappedLine["how"]): boolean {
    const armed = this.#armed;
    if (armed?.line.how !== how || armed.line.at !== line.split(" ", 1)[0]) return false;
    this.#armed = undefined;
    armed.sprung();
    return true;
  }
}
