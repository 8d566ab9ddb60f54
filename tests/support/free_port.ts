/**
 * Ports for what is stopped and started again on the same one.
 *
 * @module
 */
import { HeartlineError } from "../../core/errors.ts";
import { openNet } from "../../net/open.ts";

/**
 * A port that nobody listens on, outside of the range that systems give to connections and to port 0: another
 * test that runs meanwhile is not given it.
 */
export async function freePort(): Promise<number> {
  const net = await openNet();
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      const listener = await net.listenStream({ hostname: "127.0.0.1", port });
      listener.close();
      return port;
    } catch (error) {
      if (!(error instanceof HeartlineError && error.code === "address-in-use")) throw error;
    }
  }
}

/** Linux gives 32768 and up, others 49152 and up. */
const FIRST = 20_000;
const COUNT = 12_000;
