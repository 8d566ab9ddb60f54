/**
 * What loads of many clients share: when each begins, and when it confirms the numbers that have come.
 *
 * @module
 */
import { longestWait } from "../../sequence/ack_rules.ts";

/** Calls `start` so often, evenly over `span` ms. */
export async function startEvenly(
  count: number,
  span: number,
  start: (client: number) => void,
): Promise<void> {
  const began = performance.now();
  for (let client = 0; client < count; client++) {
    const wait = began + client / count * span - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    start(client);
  }
}

/**
 * The clients that have something to confirm, as `receiveSequence` would.
 *
 * All wait equally long, so that the first to wait is the first to confirm, and one timer is enough for
 * all. What is due at once, an answer to PING and the first ACK of a connection, is up to the client; 512
 * numbers are never pending at the intervals of a benchmark.
 */
export class Confirmations<Client> {
  readonly #due = new Map<Client, number>();
  readonly #confirm: (client: Client) => void;
  #armed = false;

  /** Nobody waits; `confirm` is called for each in its time. */
  constructor(confirm: (client: Client) => void) {
    this.#confirm = confirm;
  }

  /** A number came. */
  wait(client: Client): void {
    if (this.#due.has(client)) return;
    this.#due.set(client, performance.now() + WAIT);
    if (!this.#armed) this.#arm(WAIT);
  }

  /** It confirms now, or is gone; returns whether there was anything. */
  end(client: Client): boolean {
    return this.#due.delete(client);
  }

  #arm(delay: number): void {
    this.#armed = true;
    setTimeout(() => this.#fire(), delay);
  }

  #fire(): void {
    this.#armed = false;
    for (const [client, due] of this.#due) {
      const left = due - performance.now();
      if (left > 0) return this.#arm(left);
      this.#due.delete(client);
      this.#confirm(client);
    }
  }
}

/** In ms; every server here has the heartbeat that is usual. */
const WAIT = longestWait(5_000);
