/**
 * Processes that are stopped and go on, as on a machine that was suspended.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Child, command, type JsonLine, script } from "../support/process.ts";
import type { Rig, Strain } from "./rig.ts";
import { started } from "./servers.ts";
import { endsCleanly } from "./vitals.ts";

/** Servers and clients, stopped in turn. */
export const pauses: readonly Rig[] = [{
  name: "pauses",
  summary: "servers and clients stopped for seconds: just the stopped client is alarmed, and once",
  start: async () => {
    const udp = await started(
      command("udp_server", "--port", "0", "--auto-register", "1s", "--json"),
    );
    const tcp = await started(command("tcp_server", "-p", "0", "--timeout", "1s", "--json"));
    const udpPort = String(udp.address.port), tcpPort = String(tcp.address.port);
    const sender = () => command("udp_client", "--port", udpPort, "--period", "200ms", "--json");
    const beater = () => command("tcp_client", "-p", tcpPort, "-i", "200", "--json");
    const sides = [
      await watch(udp.child, [sender(), sender()]),
      await watch(tcp.child, [beater(), beater()]),
    ];
    const crowded = await started(
      command("udp_server", "--port", "0", "--auto-register", "2s", "--json"),
    );
    const port = String(crowded.address.port);
    const swarm = script("tests/support/udp_swarm", port, String(SWARM), "1000");
    await crowded.child.event("up", countsTo(SWARM));
    return strain(sides, { server: crowded.child, swarm });
  },
}];

/** One server and its clients, all of them up. */
interface Side {
  readonly server: Child;
  readonly clients: readonly Child[];
}

async function watch(server: Child, clients: readonly Child[]): Promise<Side> {
  await server.event("up", countsTo(clients.length));
  return { server, clients };
}

/** True for the event of the last of so many clients. */
function countsTo(clients: number): (event: JsonLine) => boolean {
  const names = new Set<unknown>();
  return ({ client }) => names.add(client).size === clients;
}

function strain(sides: readonly Side[], crowd: { server: Child; swarm: Child }): Strain {
  return {
    async round() {
      for (const { server, clients } of sides) {
        server.forget();
        await pause(server);
        assertEquals(server.events("down").length, 0, "a server that was stopped alarmed a client");
        const [first] = clients;
        first!.signal("SIGSTOP");
        const { client } = await server.event("down");
        first!.signal("SIGCONT");
        await server.event("recovered", (event) => event.client === client);
        assertEquals(server.events("down").length, 1, "one client was stopped");
      }
      crowd.server.forget();
      await pause(crowd.server);
      assertEquals(crowd.server.events("down").length, 0, "one of a thousand was alarmed");
      return `${sides.length + 1} servers and ${sides.length} clients stopped for ${
        PAUSE / 1_000
      } s`;
    },
    async [Symbol.asyncDispose]() {
      for (const { server, clients } of sides) {
        await Promise.all(clients.map(endsCleanly));
        await endsCleanly(server);
      }
      crowd.swarm.signal("SIGKILL");
      await endsCleanly(crowd.server);
    },
  };
}

/** Stops a process for longer than its clients' timeout, and waits until it has noticed. */
async function pause(child: Child): Promise<void> {
  child.signal("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  child.signal("SIGCONT");
  const { by } = await child.event("stalled");
  assert(Number(by) > PAUSE / 2, `it believes to have been stopped for ${by} ms`);
}

/** So many clients of one server more, which nobody stops. */
const SWARM = 1_000;
/** In ms. */
const PAUSE = 2_500;
