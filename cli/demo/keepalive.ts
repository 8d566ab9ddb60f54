/**
 * A piece of the demo: a keepalive peer freezes and is found dead on schedule.
 *
 * @module
 */
import { systemClock } from "../../core/clock.ts";
import { serveKeepalive } from "../../keepalive/server.ts";
import { keepaliveDetection } from "../../keepalive/options.ts";
import { startCommand } from "./child.ts";

/** What was seen of a client that froze. */
export interface FrozenPeer {
  /** Its address as `host:port`. */
  readonly client: string;
  /** After how many ms without a byte it had to be declared dead. */
  readonly expected: number;
  /** After how many ms without a byte it was; `undefined` if it was not. */
  readonly found: number | undefined;
  /** How many heartbeats it did not answer. */
  readonly missed: number;
  /** How long it took from the freezing to the verdict, in ms. */
  readonly took: number;
  /** Whether it was found neither early nor more than 250 ms late, our own pauses not counted. */
  readonly good: boolean;
}

/**
 * Starts a server here and a client in a process of its own, lets them talk, freezes the client, and
 * returns what the server made of it. `say` is called as soon as there is something to show; `signal`
 * ends it early.
 */
export async function freezeKeepalivePeer(
  say: (text: string) => void = () => {},
  signal?: AbortSignal,
): Promise<FrozenPeer> {
  const clock = systemClock();
  const server = await serveKeepalive({ port: 0, ...FIGURES, ...(signal && { signal }) });
  const { hostname, port } = server.address;
  const peer = startCommand("keepalive_client", [hostname, String(port), ...CLIENT_FLAGS]);
  const { fromData: expected } = keepaliveDetection(FIGURES);
  let client = "", found: number | undefined, missed = 0, lag = 0, frozenAt = NaN, foundAt = NaN;
  try {
    for await (const event of server) {
      if (event.type === "stalled") lag += event.by;
      // The third message: by then it has shown that it talks.
      if (event.type === "data" && event.id === 3) {
        client = event.client;
        say(`-> freezing keepalive client ${client}`);
        peer.freeze();
        frozenAt = clock.now();
      } else if (event.type === "phase" && event.phase === "heartbeat") {
        say(`${client}: silent for ${Math.round(event.silentFor)} ms, heartbeats begin`);
      } else if (event.type === "probe-missed") {
        missed = event.inARow;
      } else if (event.type === "disconnected") {
        foundAt = clock.now();
        if (event.reason === "silent") found = event.silentFor;
        say(`${client}: DEAD (${event.reason}) after ${Math.round(event.silentFor)} ms`);
        break;
      }
    }
  } finally {
    peer.kill();
    await Promise.all([peer.ended, server.close()]);
  }
  const late = (found ?? Infinity) - expected;
  const good = late >= 0 && late <= MOST_LATE + lag;
  return { client, expected, found, missed, took: foundAt - frozenAt, good };
}

/** Short enough to watch: 0.6 s, and three heartbeats of 0.3 s. */
const FIGURES = {
  heartBeatInterval: 300,
  heartBeatThreshold: 300,
  heartBeatAdditionalTries: 2,
  dataThreshold: 600,
};
const CLIENT_FLAGS = [
  ...["--data-interval", "200ms", "--data-threshold", "600ms"],
  ...["--heart-beat-threshold", "300ms"],
];
/** A demo runs on whatever machine there is, amid its own children; the tests hold 100 ms. */
const MOST_LATE = 250;
