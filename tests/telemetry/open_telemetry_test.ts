import { assertEquals } from "@std/assert";
import type { Tagged } from "../../core/event_counts.ts";
import { Service } from "../../core/service.ts";
import { exportTelemetry, type MeterProvider, type ObservableResult } from "../../telemetry/mod.ts";

class Ticker extends Service<Tagged> {
  constructor(name: string) {
    super(name);
  }

  say(type: string, bytes: number): void {
    this.publish({ type });
    this.countBytes(bytes);
  }

  protected override stop(): void {}
}

class Watcher extends Ticker {
  stateCounts(): Record<string, number> {
    return { up: 2, down: 1 };
  }
}

/** A provider that is asked for its numbers by the test. */
class Meters implements MeterProvider {
  readonly #callbacks = new Map<string, (result: ObservableResult) => void>();

  getMeter() {
    const create = (name: string) => ({
      addCallback: (read: (result: ObservableResult) => void) => {
        this.#callbacks.set(name, read);
      },
      removeCallback: () => void this.#callbacks.delete(name),
    });
    return { createObservableCounter: create, createObservableUpDownCounter: create };
  }

  /** Each number of an instrument as `attributes: value`. */
  read(name: string): string[] {
    const seen: string[] = [];
    this.#callbacks.get(`heartline.${name}`)?.({
      observe: (value, attributes) => {
        seen.push(`${Object.values(attributes).join(" ")}: ${value}`);
      },
    });
    return seen;
  }
}

function test(name: string, body: (meters: Meters) => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, async () => {
    const meters = new Meters();
    const stop = exportTelemetry({ meterProvider: meters });
    try {
      await body(meters);
    } finally {
      stop();
    }
    assertEquals(meters.read("services"), []);
  });
}

test("services of one kind are counted together, those of others apart", async (meters) => {
  const services = ["a", "a", "b"].map((name) => new Ticker(name));
  services[0]!.say("beat", 10);
  services[1]!.say("beat", 5);
  services[1]!.say("down", 0);
  services[2]!.say("beat", 1);
  assertEquals(meters.read("services"), ["a: 2", "b: 1"]);
  assertEquals(meters.read("events"), ["a beat: 2", "a down: 1", "b beat: 1"]);
  assertEquals(meters.read("received"), ["a: 15", "b: 1"]);
  for (const service of services) await service.close();
});

test("what a closed service counted stays counted", async (meters) => {
  for (const bytes of [10, 20]) {
    const service = new Ticker("a");
    service.say("beat", bytes);
    await service.close();
  }
  assertEquals(meters.read("services"), ["a: 0"]);
  assertEquals(meters.read("events"), ["a beat: 2"]);
  assertEquals(meters.read("received"), ["a: 30"]);
});

test("a service that knows the states of its clients has them added up", async (meters) => {
  const services = [new Watcher("w"), new Watcher("w"), new Ticker("t")];
  assertEquals(meters.read("clients"), ["w up: 4", "w down: 2"]);
  for (const service of services) await service.close();
  assertEquals(meters.read("clients"), []);
});

Deno.test("services started before are not seen, and their end takes nothing away", {
  permissions: "none",
}, async () => {
  const early = new Ticker("early");
  const meters = new Meters();
  const stop = exportTelemetry({ meterProvider: meters });
  await early.close();
  assertEquals(meters.read("services"), []);
  stop();
});

Deno.test("without a provider nothing is exported", { permissions: "none" }, () => {
  exportTelemetry()();
});
