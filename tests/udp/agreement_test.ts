// That what a server reports and counts of its clients is what it said of them: a state follows from the
// events alone, whatever is heard, lost, held back, registered and restarted.

import { assertEquals } from "@std/assert";
import type { UdpServerOutput } from "../../udp/inputs.ts";
import { seededRandom } from "../support/random.ts";
import { A, B, Bench, C, D } from "../support/udp_bench.ts";

const TIMEOUT = 3_000;
const OPTIONS = { groupWait: 2_000, grace: 200 };

/** What a user knows who has nothing but the events. */
class Told {
  readonly states = new Map<string, string>();
  readonly downs = new Map<string, number>();

  hear(events: readonly UdpServerOutput[]): void {
    for (const event of events) {
      if (event.type === "group-down") event.clients.forEach((client) => this.#down(client));
      else if (event.type === "down") this.#down(event.client);
      else if (event.type === "up") this.#up(event.client, "waiting");
      else if (event.type === "recovered") this.#up(event.client, "down");
      else if (event.type === "registered" && !this.states.has(event.client)) {
        this.states.set(event.client, "waiting");
      } else if (event.type === "forgotten") this.forget(event.client);
    }
  }

  forget(client: string): void {
    this.states.delete(client);
    this.downs.delete(client);
  }

  #up(client: string, from: string): void {
    assertEquals(this.states.get(client), from, `${client} comes up`);
    this.states.set(client, "up");
  }

  #down(client: string): void {
    this.states.set(client, "down");
    this.downs.set(client, (this.downs.get(client) ?? 0) + 1);
  }
}

for (let seed = 1; seed <= 60; seed++) {
  Deno.test(
    `states and counts agree with the events, seed ${seed}`,
    { permissions: "none" },
    () => {
      const random = seededRandom(seed);
      const among = <Item>(items: readonly Item[]): Item =>
        items[Math.floor(random() * items.length)]!;
      let bench = new Bench({ ...OPTIONS, autoRegisterTimeout: TIMEOUT });
      const told = new Told();
      let sequence = 0;
      for (const client of [A, B, C]) bench.register(client, TIMEOUT, "rack 7");
      for (let step = 0; step < 150; step++) {
        const client = among([A, B, C, D]);
        const what = random();
        if (what < 0.5) bench.beat(client, { sequence: ++sequence });
        else if (what < 0.6) bench.beat(client, { sequence: ++sequence, delay: 20_000 });
        else if (what < 0.63) {
          bench.unregister(client);
          told.hear(bench.said());
          told.forget(client);
        } else if (what < 0.66) bench.register(client, TIMEOUT, among(["rack 7", "rack 8"]));
        else if (what < 0.68) {
          told.hear(bench.said());
          bench = bench.restart({ ...OPTIONS, autoRegisterTimeout: TIMEOUT });
          // Counters of a process begin at 0.
          told.downs.clear();
        }
        bench.to(bench.now + Math.floor(random() * 2_500));
        told.hear(bench.said());
        const reports = bench.machine.reports(bench.now);
        const states = new Map(reports.map(({ client, state }) => [client, state]));
        assertEquals(new Map([...states].sort()), new Map([...told.states].sort()), `step ${step}`);
        for (const { client, downCount } of reports) {
          assertEquals(downCount, told.downs.get(client) ?? 0, `${client} in step ${step}`);
        }
        const counts = { waiting: 0, up: 0, down: 0 };
        for (const state of told.states.values()) counts[state as keyof typeof counts]++;
        assertEquals(bench.machine.stateCounts(), counts);
      }
    },
  );
}
