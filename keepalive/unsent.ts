/**
 * The bytes that wait because a peer, or the network, does not take them: data and answers apart.
 *
 * Were they counted together, who sends as much as it may could answer no more.
 *
 * @module
 */

/** `data` is what the application sends of itself, `answer` all else. */
export type UnsentKind = "data" | "answer";

/** What one side has sent and the system has not taken. */
export class Unsent {
  /** Bytes that wait of each kind. */
  readonly of: Record<UnsentKind, number> = { data: 0, answer: 0 };
  /** Bytes in a row that are of the same kind, the first first. */
  readonly #runs: { readonly kind: UnsentKind; length: number }[] = [];

  /** All bytes that wait. */
  get length(): number {
    return this.of.data + this.of.answer;
  }

  /** So many are sent behind all others. */
  put(kind: UnsentKind, length: number): void {
    this.of[kind] += length;
    const last = this.#runs.at(-1);
    if (last?.kind === kind) last.length += length;
    else this.#runs.push({ kind, length });
  }

  /** So many still wait: all before them were taken. */
  left(length: number): void {
    for (let taken = this.length - length; taken > 0;) {
      const run = this.#runs[0]!, count = Math.min(taken, run.length);
      this.of[run.kind] -= count;
      run.length -= count;
      taken -= count;
      if (run.length === 0) this.#runs.shift();
    }
  }
}
