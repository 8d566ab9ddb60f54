/**
 * What waits to be written to one place, in bounded memory: pure.
 *
 * @module
 */

/**
 * How long something is kept where there is no room: `chatter` is left out first, then what is `kept`; of
 * a `frame`, which shows all anew, only the newest waits.
 */
export type Weight = "chatter" | "kept" | "frame";

/** Texts that wait for a slow reader. */
export class LineQueue {
  /** By the order in which they came. */
  readonly #chatter = new Map<number, string>();
  readonly #kept = new Map<number, string>();
  readonly #limit: number;
  #frame: { readonly order: number; readonly text: string } | undefined;
  #next = 0;
  #length = 0;
  #leftOut = 0;

  /** `limit` is how many characters may wait, a frame aside. */
  constructor(limit: number = MOST_WAITING) {
    this.#limit = limit;
  }

  /** How many characters wait. */
  get length(): number {
    return this.#length + (this.#frame?.text.length ?? 0);
  }

  /** Adds a text; where there is no room the oldest chatter goes, and then the oldest of the others. */
  add(text: string, weight: Weight): void {
    const order = this.#next++;
    if (weight === "frame") {
      this.#frame = { order, text };
      return;
    }
    (weight === "kept" ? this.#kept : this.#chatter).set(order, text);
    this.#length += text.length;
    while (this.#length > this.#limit) this.#leaveOut();
  }

  /**
   * Takes what is to be written next, about `most` characters; empty if nothing waits.
   *
   * @param leftOut the text that says how many lines are missing before these
   */
  take(leftOut: (count: number) => string, most: number = MOST_AT_ONCE): string {
    let text = "";
    if (this.#leftOut > 0) text = leftOut(this.#leftOut);
    this.#leftOut = 0;
    while (text.length < most) {
      const next = this.#first();
      if (next === undefined) break;
      text += next;
    }
    return text;
  }

  /** Drops all, where nobody will read it. */
  clear(): void {
    this.#chatter.clear();
    this.#kept.clear();
    this.#frame = undefined;
    this.#length = this.#leftOut = 0;
  }

  #first(): string | undefined {
    const orders = [firstOf(this.#chatter), firstOf(this.#kept), this.#frame?.order ?? Infinity];
    const order = Math.min(...orders);
    if (order === Infinity) return undefined;
    if (order === this.#frame?.order) {
      const { text } = this.#frame;
      this.#frame = undefined;
      return text;
    }
    return this.#remove(order === orders[0] ? this.#chatter : this.#kept, order);
  }

  #leaveOut(): void {
    const from = this.#chatter.size > 0 ? this.#chatter : this.#kept;
    this.#remove(from, firstOf(from));
    this.#leftOut++;
  }

  #remove(from: Map<number, string>, order: number): string {
    const text = from.get(order)!;
    from.delete(order);
    this.#length -= text.length;
    return text;
  }
}

function firstOf(texts: ReadonlyMap<number, string>): number {
  const [first = Infinity] = texts.keys();
  return first;
}

/** More than the verdicts about 10,000 clients, and little beside them. */
const MOST_WAITING = 4 * 1024 * 1024;
/** What a pipe of Linux holds. */
const MOST_AT_ONCE = 64 * 1024;
