// Handshakes under any order of what happens.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { connectHandshake } from "../../handshake/client.ts";
import { serveHandshake } from "../../handshake/server.ts";
import { collect } from "../support/collect.ts";
import { underAnySchedule } from "./schedule.ts";

const CHOICES = fc.record({
  transports: fc.tuple(fc.constantFrom("udp", "tcp"), fc.constantFrom("udp", "tcp")),
  breaks: fc.boolean(),
  stops: fc.constantFrom("nobody", "server", "client"),
});

Deno.test("schedules: of two clients one gets an id, the other the next, and nothing is left", () =>
  underAnySchedule(CHOICES, async ({ net, clock, random, sometime, close }, choice) => {
    const { transports, breaks, stops } = choice;
    const options = { port: 1, net, clock };
    const server = await serveHandshake({ ...options, lease: 1e9, emitRequests: true });
    const heard = collect(server);
    const stop = new AbortController();
    if (stops === "client") void sometime("stop a client", () => stop.abort());
    const clients = await Promise.all(transports.map((transport, index) => {
      const nextId = ({ try: tried }: { try: number }) => `id-${tried}`;
      const asks = { id: "id-0", timeout: 200, nextId, ...index === 0 && { signal: stop.signal } };
      return connectHandshake({ ...options, ...asks, random, transport });
    }));
    const told = clients.map((client) => collect(client));
    if (breaks) void sometime("break", () => net.breakStreams());
    if (stops === "server") void sometime("stop the server", () => close(server, 1));
    const ends = (await Promise.all(told)).map((events) => events.at(-1));
    await server.close();

    const got = ends.flatMap((end) => end?.type === "established" ? [end.id] : []);
    assertEquals(got.length, new Set(got).size, "Two have one id");
    const granted = (await heard).flatMap((event) => event.type === "granted" ? [event.id] : []);
    assertEquals(granted.length, new Set(granted).size, "Granted twice");
    assert(got.every((id) => granted.includes(id)), "Established and never granted");
    const all = stops === "client" ? ends.slice(1) : ends;
    assert(all.every((end) => end?.type === "established" || end?.type === "failure"));
  }));
