// Keepalive connections under any order of what happens.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { HeartlineError } from "../../core/errors.ts";
import type { DroppedEvent } from "../../core/event_queue.ts";
import { connectKeepalive } from "../../keepalive/client.ts";
import type { KeepaliveClientEvent } from "../../keepalive/events.ts";
import { serveKeepalive } from "../../keepalive/server.ts";
import { collect } from "../support/collect.ts";
import { underAnySchedule } from "./schedule.ts";

type KeepaliveSaid = KeepaliveClientEvent | DroppedEvent;

const CHOICES = fc.record({
  breaks: fc.boolean(),
  stops: fc.constantFrom("nobody", "server", "client"),
  answer: fc.constantFrom("now", "later", "never"),
});

Deno.test("schedules: each DATA is replied to once at most, and nothing is left", () =>
  underAnySchedule(CHOICES, async ({ net, clock, sometime, close }, { breaks, stops, answer }) => {
    // Nobody stops it: then the client itself does behind all that it waits for.
    const last = answer === "never" ? "sent" : "reply";
    const reply = (payload: string) => {
      if (answer === "now") return `re ${payload}`;
      const { promise, resolve } = Promise.withResolvers<string>();
      if (answer === "later") void sometime("reply", () => resolve(`re ${payload}`));
      return promise;
    };
    // What takes long on its way may rightly be taken for silence, unless all is to be heard.
    const patience = stops === "nobody" ? 1e6 : 40;
    const timing = {
      ...{ dataInterval: Infinity, dataThreshold: patience, heartBeatInterval: patience },
      ...{ heartBeatThreshold: patience, heartBeatAdditionalTries: 1 },
    };
    const options = { port: 1, net, clock, ...timing };
    const server = await serveKeepalive({ ...options, reply });
    const heard = collect(server);
    const stop = new AbortController(), { signal } = stop;
    if (stops === "client") void sometime("stop the client", () => stop.abort());
    const client = await connectKeepalive({ ...options, signal }).catch(known);
    if (!client) return await server.close();
    const said = (async () => {
      const events: KeepaliveSaid[] = [];
      for await (const event of client) {
        events.push(event);
        const { length } = events.filter(({ type }) => type === last);
        if (stops === "nobody" && length === 3) await client.close();
      }
      return events;
    })();
    for (const payload of ["a", "b", "c"]) {
      void sometime(`send ${payload}`, () => {
        try {
          client.send(payload);
        } catch (error) {
          known(error);
        }
      });
    }
    if (breaks) void sometime("break", () => net.breakStreams());
    if (stops === "server") void sometime("stop the server", () => close(server, 1));
    const events = await said;
    await server.close();

    const sent = events.flatMap((event) => event.type === "sent" ? [event] : []);
    assertEquals(sent.map(({ id }) => id), sent.map((_, index) => index + 1));
    const replies = events.flatMap((event) => event.type === "reply" ? [event] : []);
    assertEquals(replies.length, new Set(replies.map(({ id }) => id)).size, "Replied twice");
    for (const { id, payload } of replies) assertEquals(payload, `re ${sent[id - 1]!.payload}`);
    const taken = (await heard).flatMap((event) => event.type === "data" ? [event.payload] : []);
    assertEquals(taken, sent.slice(0, taken.length).map(({ payload }) => payload));
    if (stops === "nobody" && answer !== "never" && !breaks) {
      assertEquals(replies.map(({ id }) => id).sort(), [1, 2, 3]);
    }
    for (const all of [events, await heard]) {
      const ends = all.filter(({ type }) => type === "disconnected").length;
      assert(ends <= 1, "It ended twice");
      assert(ends === 0 || all.at(-1)!.type === "disconnected", "Something came behind the end");
    }
  }));

/** What is over, or given up before it began, says so. */
function known(error: unknown): undefined {
  if (!(error instanceof HeartlineError)) throw error;
}
