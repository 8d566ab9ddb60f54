/**
 * Where the next connection id comes from: those given on the command line, then standard input.
 *
 * @module
 */
import process from "node:process";
import { complain, prompt } from "./output.ts";
import { createInterface, type Interface } from "node:readline";
import { isConnectionId } from "../../handshake/message.ts";

/** What an {@linkcode IdSource} needs to know. */
export interface IdSourceOptions {
  /** The ids that are taken first. */
  readonly given: readonly string[];
  /** Who must answer within `patience` ms if it is no person at a terminal. */
  readonly patience: number;
  /** Ends the wait for an answer. */
  readonly signal: AbortSignal;
  /** Says what was wrong with a line. */
  readonly complain: (text: string) => void;
}

/** Gives ids until there are none. */
export class IdSource {
  readonly #options: IdSourceOptions;
  readonly #given: string[];
  #input: Interface | undefined;
  readonly #lines: string[] = [];
  #ended = false;
  #wake = (): void => {};

  /** Nothing is read before the first id is asked for. */
  constructor(options: IdSourceOptions) {
    this.#options = options;
    this.#given = [...options.given];
  }

  /** The next id, `undefined` if there is none; a person is told `why` it is asked for. */
  async next(why: string): Promise<string | undefined> {
    const given = this.#given.shift();
    if (given !== undefined) return given;
    // To standard error, so that standard output holds nothing but the log.
    if (process.stdin.isTTY) complain(why);
    for (let line; (line = await this.#line()) !== undefined;) {
      const id = line.trim();
      if (isConnectionId(id)) return id;
      if (id === "" && !process.stdin.isTTY) continue;
      this.#options.complain(`Cannot use id: wanted ${WANTED}, current value is ${id}`);
    }
    return undefined;
  }

  /** Stops reading, so that the process can end though somebody holds its input open. */
  close(): void {
    this.#input?.close();
  }

  /** The next line of standard input; `undefined` at its end, or if nobody answers. */
  async #line(): Promise<string | undefined> {
    const { patience, signal } = this.#options;
    this.#open();
    if (process.stdin.isTTY) prompt("New connection id: ");
    let late = false;
    const stop = (): void => {
      late = true;
      this.#wake();
    };
    const timer = process.stdin.isTTY ? undefined : setTimeout(stop, patience);
    signal.addEventListener("abort", stop);
    while (this.#lines.length === 0 && !this.#ended && !late && !signal.aborted) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    return this.#lines.shift();
  }

  #open(): void {
    if (this.#input) return;
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    process.stdin.on("error", end);
    // Not as a terminal: there Ctrl-C would be a key to this interface and no signal to the process.
    this.#input = createInterface({ input: process.stdin, terminal: false });
    this.#input.on("close", end);
    this.#input.on("line", (line) => {
      // Three tries need two ids; an endless input must not be kept.
      if (this.#lines.length < MOST_LINES) this.#lines.push(line);
      this.#wake();
    });
  }
}

const WANTED = "1 to 64 printable ASCII characters without a space";
const MOST_LINES = 1_000;
