/**
 * Handshakes for the demo: a lease granted, the same id refused to another, and granted when the lease
 * is over.
 *
 * @module
 */
import { connectHandshake } from "../../handshake/client.ts";
import type { HandshakeTransport } from "../../handshake/events.ts";
import { type HandshakeServer, serveHandshake } from "../../handshake/server.ts";

/** One HELLO and what the server said to it. */
export interface LeaseScene {
  /** What is being shown, for people. */
  readonly what: string;
  /** Who asked over what. */
  readonly transport: HandshakeTransport;
  /** The connection id. */
  readonly id: string;
  /** What had to come. */
  readonly expected: "OK" | "RESET";
  /** What came: the whole OK, or why there was none. */
  readonly said: string;
  /** Whether it came. */
  readonly good: boolean;
}

/** Asks all questions, in about a second; `show` gets each as it is answered; `signal` ends it early. */
export async function playLeases(
  show: (scene: LeaseScene) => void,
  signal?: AbortSignal,
): Promise<LeaseScene[]> {
  await using server = await serveHandshake({ port: 0, lease: LEASE });
  const scenes: LeaseScene[] = [];
  for (const { wait = 0, ...scene } of SCENES) {
    await pause(wait, signal);
    if (signal?.aborted) break;
    const { said, good } = await ask(server, scene);
    scenes.push({ ...scene, said, good });
    show(scenes.at(-1)!);
  }
  return scenes;
}

async function ask(
  server: HandshakeServer,
  { id, transport, expected }: Pick<LeaseScene, "id" | "transport" | "expected">,
): Promise<{ said: string; good: boolean }> {
  const { port } = server.address;
  const client = await connectHandshake({ port, id, transport, tries: 1, timeout: 2_000 });
  let said = "nothing";
  let good = false;
  for await (const event of client) {
    if (event.type === "established") {
      said = `OK ${event.id} ${event.hostname} ${event.port}`;
      good = expected === "OK";
    } else if (event.type === "error") {
      said = event.reason === "reset" ? `RESET ${event.id}` : event.reason;
      good = expected === "RESET" && event.reason === "reset";
    }
  }
  return { said, good };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
  });
}

/** Long enough for two questions on a busy machine, short enough to be waited for. */
const LEASE = 800;
const SCENES: (Omit<LeaseScene, "said" | "good"> & { wait?: number })[] = [
  { what: "a free id is leased", transport: "udp", id: "9876", expected: "OK" },
  { what: "an id in use is refused", transport: "tcp", id: "9876", expected: "RESET" },
  { what: "a lease ends", transport: "tcp", id: "9876", expected: "OK", wait: LEASE },
];
