// TCP heartbeats under any order of what happens.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { sendTcpHeartbeats } from "../../tcp/client.ts";
import { serveTcpHeartbeats } from "../../tcp/server.ts";
import { collect } from "../support/collect.ts";
import { underAnySchedule } from "./schedule.ts";

const CHOICES = fc.record({
  breaks: fc.boolean(),
  stops: fc.constantFrom("nobody", "server", "client"),
});

Deno.test("schedules: TCP heartbeats are numbered, acked once at most, and leave nothing", () =>
  underAnySchedule(CHOICES, async ({ net, clock, random, sometime, close }, { breaks, stops }) => {
    const server = await serveTcpHeartbeats({ port: 1, net, clock, ack: true, emitBeats: true });
    const heard = collect(server);
    const options = { port: 1, net, clock, random, ack: true, interval: 30, count: 3 };
    const stop = new AbortController(), { signal } = stop;
    if (stops === "client") void sometime("stop the client", () => stop.abort());
    const client = await sendTcpHeartbeats({ ...options, signal, backoff: { base: 10, cap: 40 } });
    const said = collect(client);
    if (breaks) void sometime("break", () => net.breakStreams());
    // With the server gone the client would try for ever.
    const stopServer = () => close(server, 1).then(() => client.close());
    if (stops === "server") void sometime("stop the server", stopServer);
    const events = await said;
    await server.close();

    const numbers = events.flatMap((event) => event.type === "sent" ? [event.sequence] : []);
    assertEquals(numbers, numbers.map((_, index) => index + 1));
    const acked = events.flatMap((event) => event.type === "acked" ? [event.sequence] : []);
    assertEquals(acked.length, new Set(acked).size, "Acked twice");
    assert(acked.every((sequence) => numbers.includes(sequence)), "Acked and never sent");
    const beats = (await heard).flatMap((event) => event.type === "beat" ? [event.sequence] : []);
    assert(acked.every((sequence) => beats.includes(sequence)), "Acked and never heard");
    assertEquals(beats, beats.toSorted((a, b) => a - b));
    const lost = events.filter(({ type }) => type === "disconnected").length;
    if (stops !== "server") assert(lost <= Number(breaks), "Lost without a cause");
    if (stops === "nobody") assertEquals([numbers.length, events.at(-1)?.type], [3, "done"]);
    if (stops === "nobody" && !breaks) assertEquals(acked, [1, 2, 3]);
  }));
