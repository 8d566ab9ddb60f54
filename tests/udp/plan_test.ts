import { assert, assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import { forecastUdpAlarms, shortestUdpTimeout, type UdpPlan } from "../../udp/plan.ts";
import { UdpServerMachine } from "../../udp/server_machine.ts";
import { seededRandom } from "../support/random.ts";

const PURE = { permissions: "none" } as const;
const YEAR = 365.2425 * 86_400_000;

/** False alarms in so many intervals of a client that never dies, watched by the server itself. */
function observed(
  plan: Required<Omit<UdpPlan, "clients">>,
  timeout: number,
  intervals: number,
): number {
  const { loss, lossBurst, interval, burst, spread } = plan;
  const random = seededRandom(7);
  const server = new UdpServerMachine({ autoRegisterTimeout: timeout }, {}, 0);
  const from = { hostname: "10.0.0.1", port: 1 };
  let bad = false, alarms = 0;
  const count = (outputs: readonly { type: string }[]) =>
    alarms += outputs.filter(({ type }) => type === "down").length;
  for (let k = 0; k < intervals; k++) {
    for (let n = 0; n < burst; n++) {
      const now = Math.round(k * interval + n * spread * interval / burst);
      bad = random() < (bad ? 1 - 1 / lossBurst : loss / (lossBurst * (1 - loss)));
      count(server.tick(now));
      if (bad) continue;
      const bytes = encodeHeartbeat({ sequence: n + 1, sentAt: now });
      count(server.receive(bytes, from, now, now));
    }
  }
  return alarms;
}

for (
  const [loss, lossBurst, spread, timeout] of [
    [0.5, 2, 0.5, 1_500],
    [0.3, 4, 0.5, 2_000],
    [0.3, 4, 0, 1_900],
    [0.2, 12, 1, 1_200],
    [0.5, 3, 0.2, 750],
  ] as const
) {
  const title = `loss ${loss} in bursts of ${lossBurst}, spread ${spread}, timeout ${timeout}`;
  Deno.test(`the server raises the false alarms of the forecast: ${title}`, PURE, () => {
    const plan = { loss, lossBurst, spread, interval: 1_000, burst: 4 };
    const intervals = 40_000;
    const { falseAlarmsPerClientYear } = forecastUdpAlarms(plan, timeout);
    const expected = falseAlarmsPerClientYear / YEAR * intervals * plan.interval;
    const found = observed(plan, timeout, intervals);
    assert(expected > 100, `${expected} are too few to compare`);
    // Five standard deviations of a count.
    assert(
      Math.abs(found - expected) < 5 * Math.sqrt(expected),
      `expected ${expected.toFixed(0)}, found ${found}`,
    );
  });
}

Deno.test(
  "a path that loses nothing gives no false alarm, unless nothing is sent in time",
  PURE,
  () => {
    assertEquals(forecastUdpAlarms({ loss: 0 }, 6_000).falseAlarmsPerClientYear, 0);
    const none = forecastUdpAlarms({ loss: 0 }, 5_000);
    assertEquals([none.datagrams, none.falseAlarmsPerClientYear], [0, YEAR / 10_000]);
  },
);

Deno.test("all clients together have as many as there are clients", PURE, () => {
  const one = forecastUdpAlarms({ loss: 0.3 }, 15_000);
  const many = forecastUdpAlarms({ loss: 0.3, clients: 500 }, 15_000);
  assertEquals(many.falseAlarmsPerYear, 500 * one.falseAlarmsPerClientYear);
});

Deno.test("the shortest timeout is good enough, and a step less is not", PURE, () => {
  const plan = { loss: 0.2, lossBurst: 4, clients: 1_000, interval: 2_000 };
  const { timeout, falseAlarmsPerYear } = shortestUdpTimeout(plan, 1)!;
  assert(falseAlarmsPerYear <= 1);
  assert(forecastUdpAlarms(plan, timeout - 100).falseAlarmsPerYear > 1);
});

Deno.test("where no timeout is enough, none is named", PURE, () => {
  assertEquals(shortestUdpTimeout({ loss: 0.999, lossBurst: 1e9 }, 0), undefined);
});

Deno.test("what cannot be is refused", PURE, () => {
  for (
    const plan of [
      { loss: 1 },
      { loss: -0.1 },
      { loss: 0.9, lossBurst: 2 },
      { loss: 0.1, lossBurst: 0.5 },
      { loss: 0.1, clients: 0 },
      { loss: 0.1, burst: 11 },
      { loss: 0.1, spread: 2 },
      { loss: 0.1, interval: 0 },
    ]
  ) assertThrows(() => forecastUdpAlarms(plan, 1_000), HeartlineError);
  assertThrows(() => forecastUdpAlarms({ loss: 0.1 }, 0), HeartlineError);
  assertThrows(() => shortestUdpTimeout({ loss: 0.1 }, -1), HeartlineError);
});
