// UDP heartbeats under any order of what happens.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { sendUdpHeartbeats } from "../../udp/client.ts";
import { serveUdpHeartbeats } from "../../udp/server.ts";
import { collect } from "../support/collect.ts";
import { underAnySchedule } from "./schedule.ts";

const CHOICES = fc.record({ stops: fc.constantFrom("nobody", "server", "client") });

Deno.test("schedules: a UDP client is up, down and back in turn, and leaves nothing", () =>
  underAnySchedule(CHOICES, async ({ net, clock, random, sometime, close }, { stops }) => {
    const options = { port: 1, net, clock, random };
    const server = await serveUdpHeartbeats({ ...options, autoRegisterTimeout: 60 });
    const heard = collect(server);
    const client = await sendUdpHeartbeats({ ...options, interval: 40, count: 3 });
    const said = collect(client);
    if (stops === "server") void sometime("stop the server", () => close(server, 1));
    if (stops === "client") void sometime("stop the client", () => client.close());
    const sent = (await said).filter(({ type }) => type === "sent").length;
    await server.close();

    const states = (await heard).flatMap(({ type }) => STATES.includes(type) ? [type] : []);
    assertEquals(states.slice(0, 2), ["registered", "up"].slice(0, states.length));
    const changes = states.slice(2);
    changes.forEach((type, i) => assertEquals(type, i % 2 === 0 ? "down" : "recovered"));
    assert(sent <= 3);
    if (stops !== "client") assertEquals((await said).at(-1)?.type, "done");
  }));

const STATES: readonly string[] = ["registered", "up", "down", "recovered"];
