/**
 * The deadline queue under 100,000 clients that beat, or a bare array of deadlines, all of which are looked
 * through each time.
 *
 * @module
 */
import { answer, memoryInUse, rateByCpu } from "../../harness/worker.ts";
import { Deadlines } from "../../../core/mod.ts";

const CLIENTS = 100_000;
const TIMEOUT = 3_000;
/** Virtual ms between two looks at the queue; each client beats once a virtual second. */
const TICK = 10;

// Drawn once: the order in which beats arrive has nothing to do with the order of slots.
const order = Int32Array.from({ length: CLIENTS }, (_, i) => i);
for (let i = CLIENTS - 1; i > 0; i--) {
  const j = Math.floor(Math.random() * (i + 1));
  [order[i], order[j]] = [order[j]!, order[i]!];
}

const before = memoryInUse().held;
const queue = new Deadlines();
for (let i = 0; i < CLIENTS; i++) queue.add(TIMEOUT + i * 1_000 / CLIENTS);
const bytesPerClient = (memoryInUse().held - before) / CLIENTS;
const bare = new Float64Array(CLIENTS).fill(2 * TIMEOUT);
let now = 0;

/** One virtual second: every client beats once, and a hundred times it is asked who has expired. */
function beatOnce(arm: (client: number) => void, expired: () => boolean): void {
  const perTick = CLIENTS / 1_000 * TICK;
  for (let at = 0; at < CLIENTS; at += perTick) {
    now += TICK;
    for (let i = at; i < at + perTick; i++) arm(order[i]!);
    if (expired()) throw new Error("Cannot measure: a live client expired");
  }
}

function oursOnce(): void {
  beatOnce(
    (client) => queue.arm(client, now + TIMEOUT),
    () => queue.expire(now) !== undefined,
  );
}

function floorOnce(): void {
  beatOnce((client) => bare[client] = now + TIMEOUT, () => {
    for (let client = 0; client < CLIENTS; client++) if (bare[client]! <= now) return true;
    return false;
  });
}

const pass = Deno.args[0] === "ours" ? oursOnce : floorOnce;

await answer({ bytesPerClient }, { run: () => rateByCpu(pass) * CLIENTS });
