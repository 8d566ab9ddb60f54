// The fault proxy under any order of what happens.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { HeartlineError } from "../../core/errors.ts";
import type { StreamConnection } from "../../net/stream.ts";
import { serveProxy } from "../../proxy/server.ts";
import { collect } from "../support/collect.ts";
import { underAnySchedule } from "./schedule.ts";

const SENT = ["one", "two", "three"].map((text) => new TextEncoder().encode(text));
const CHOICES = fc.record({
  breaks: fc.boolean(),
  stops: fc.boolean(),
  faults: fc.constantFrom({}, { latency: 20 }, { slice: 2 }, { blackhole: true }),
});

Deno.test("schedules: bytes through the proxy come back in order, and nothing is left", () =>
  underAnySchedule(
    CHOICES,
    async ({ net, clock, sometime, close, turn }, { breaks, stops, faults }) => {
      const upstream = { hostname: "127.0.0.1", port: 1 };
      const echo = await net.listenStream(upstream);
      const answered: Promise<void>[] = [];
      const accepting = echo.accept((stream) => {
        answered.push(answer(stream));
      }, () => {});
      const options = { upstream, listen: { port: 2 }, net, clock, seed: 1 };
      const proxy = await serveProxy(options);
      const log = collect(proxy);
      const set = sometime("set faults", () => proxy.set(faults));
      if (breaks) void sometime("break", () => net.breakStreams());
      if (stops) void sometime("stop the proxy", () => close(proxy, 2));

      const heal = async (): Promise<void> => {
        await set;
        await turn("heal");
        proxy.set({});
      };
      const stream = await net.connectStream({ hostname: "127.0.0.1", port: 2 }).catch(known);
      const got = stream ? await askedOf(stream, heal) : "";
      await proxy.close();
      echo.close();
      await Promise.all([accepting, ...answered]);

      const wanted = SENT.map((bytes) => new TextDecoder().decode(bytes)).join("");
      assert(wanted.startsWith(got), `${got} came back`);
      if (!breaks && !stops) assertEquals(got, wanted);
      const opened = (await log).filter(({ type }) => type === "connected").length;
      const ended = (await log).filter(({ type }) => type === "disconnected").length;
      assert(ended <= opened, "A link ended that was not there");
    },
  ));

/** Everything that comes back for what is sent, until the other side ends. */
async function askedOf(stream: StreamConnection, heal: () => Promise<void>): Promise<string> {
  let got = "";
  const read = stream.receive((bytes) => {
    got += new TextDecoder().decode(bytes);
  }).catch(known);
  for (const bytes of SENT) await stream.write(bytes).catch(known);
  await stream.end().catch(known);
  await heal();
  await read;
  stream.close();
  return got;
}

async function answer(stream: StreamConnection): Promise<void> {
  await stream.receive((bytes) => stream.write(bytes.slice()).catch(known)).catch(known);
  await stream.end().catch(known);
  stream.close();
}

function known(error: unknown): undefined {
  if (!(error instanceof HeartlineError)) throw error;
}
