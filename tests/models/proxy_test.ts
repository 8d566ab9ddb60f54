// The fault proxy with latency against a list of what arrives when.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ProxyStory } from "../proxy/proxy_story.ts";
import { runSteps, step } from "./step.ts";

interface Model {
  latency: number;
  /** What is on its way up, and when it arrives. */
  readonly flying: { readonly text: string; readonly at: number }[];
  arrived: string;
  sent: number;
}

const MS = fc.nat(10).map((n) => n * 10);

const send = fc.integer({ min: 1, max: 9 }).map((length) =>
  step<Model, ProxyStory>(`send(${length})`, (model, story) => {
    const text = String(model.sent++ % 10).repeat(length);
    // It waits for what is before it, however long that was held.
    const before = model.flying.at(-1)?.at ?? 0;
    model.flying.push({ text, at: Math.max(before, story.now + model.latency) });
    story.send("up", text);
    compare(model, story);
  })
);
const latency = MS.map((ms) =>
  step<Model, ProxyStory>(`latency(${ms})`, (model, story) => {
    model.latency = ms;
    story.give({ type: "set", faults: ms > 0 ? { latency: ms } : {} });
    compare(model, story);
  })
);
const pass = MS.map((ms) =>
  step<Model, ProxyStory>(`pass(${ms})`, (model, story) => {
    story.advance(ms);
    compare(model, story);
  })
);

Deno.test(
  "model: latency is a list of what arrives when",
  { permissions: "none" },
  () =>
    runSteps<Model, ProxyStory>(
      [send, send, send, latency, pass, pass],
      () => ({
        model: { latency: 0, flying: [], arrived: "", sent: 0 },
        real: new ProxyStory().open(),
      }),
      { length: 60 },
    ),
);

function compare(model: Model, story: ProxyStory): void {
  const { flying } = model;
  while (flying.length > 0 && flying[0]!.at <= story.now) model.arrived += flying.shift()!.text;
  assertEquals(story.arrived("up"), model.arrived);
}
