/**
 * A server of sequences that a test kills and starts again.
 *
 * @module
 */
import { type Child, command } from "./process.ts";

/** `seq-server` on one store and one port, however often it is killed. */
export class MortalServer implements AsyncDisposable {
  /** Any free one at first, and from then on the same. */
  port = "0";
  readonly #options: readonly string[];
  #child: Child | undefined;

  /** Options of the command; its store should outlive it. */
  constructor(...options: string[]) {
    this.#options = options;
  }

  /** Starts it; resolves when it listens. */
  async start(): Promise<void> {
    this.#child = command("seq_server", this.port, "--json", ...this.#options);
    this.port = String((await this.#child.event("listening")).port);
  }

  /** Ends it and returns its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child!.signal(signal);
    return this.#child!.exitCode();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child?.[Symbol.asyncDispose]();
  }
}
