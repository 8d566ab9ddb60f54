import { assertAlmostEquals, assertEquals } from "@std/assert";
import { SequenceWindow } from "../../core/sequence_window.ts";
import { BurstTracker } from "../../udp/burst.ts";
import { seededRandom } from "../support/random.ts";

/** One datagram as it arrives: its place, the sender's stamp and our monotonic instant, in ms. */
type Datagram = { sequence: number; sentAt: number; now: number };

const START = Date.UTC(2026, 0, 1);
const INTERVAL = 10_000;
const ALL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** The datagrams of burst `k` that arrive, in this order, each as soon as it is sent. */
function burst(k: number, sequences = ALL, { interval = INTERVAL, spread = 0.5, of = 10 } = {}) {
  return sequences.map((sequence): Datagram => {
    const at = k * interval + (sequence - 1) * spread * interval / of;
    return { sequence, sentAt: START + at, now: at };
  });
}

/** As `burst`, with stamps of whole seconds, sent back to back. */
const wholeSeconds = (k: number, sequences = ALL) => burst(k, sequences, { spread: 0 });

/** The same datagrams by a clock that is set to another time. */
const stepped = (by: number, datagrams: Datagram[]) =>
  datagrams.map((datagram) => ({ ...datagram, sentAt: datagram.sentAt + by }));

/** The same datagrams after `by` ms in which the sender paused. */
const later = (by: number, datagrams: Datagram[]) =>
  stepped(by, datagrams).map((datagram) => ({ ...datagram, now: datagram.now + by }));

const without = (...lost: number[]) => ALL.filter((sequence) => !lost.includes(sequence));

/** What the tracker and the window behind it make of the datagrams. */
function observe(datagrams: Datagram[]) {
  const tracker = new BurstTracker();
  const window = new SequenceWindow();
  let now = 0;
  for (const { sequence, sentAt, now: at } of datagrams) {
    now = Math.max(now, at);
    window.observe(tracker.observe(sequence, sentAt, now));
  }
  const { received, lost, duplicates, reordered } = window;
  return { bursts: tracker.seen, received, lost, duplicates, reordered };
}

interface Story {
  title: string;
  arrive: Datagram[];
  bursts: number;
  lost?: number;
  duplicates?: number;
  reordered?: number;
}

const STORIES: Story[] = [
  { title: "ten in order", arrive: burst(0), bursts: 1 },
  {
    title: "burst after burst in order",
    arrive: [0, 1, 2, 3].flatMap((k) => burst(k)),
    bursts: 4,
  },
  {
    title: "the head of a burst is lost",
    arrive: [...burst(0), ...burst(1, [4, 5, 6, 7, 8, 9, 10])],
    bursts: 2,
    lost: 3,
  },
  {
    title: "the tail of a burst is lost",
    arrive: [...burst(0), ...burst(1, [1, 2, 3]), ...burst(2)],
    bursts: 3,
    lost: 7,
  },
  {
    title: "the middle of a burst is lost",
    arrive: [...burst(0), ...burst(1, without(4, 5, 8))],
    bursts: 2,
    lost: 3,
  },
  {
    title: "only the last of one burst and the first of the next arrive",
    arrive: [...burst(0), ...burst(1), ...burst(2, [10]), ...burst(3, [1])],
    bursts: 4,
    lost: 9,
  },
  {
    title: "only the first of one burst and the last of the next arrive",
    arrive: [...burst(0), ...burst(1), ...burst(2, [1]), ...burst(3, [10])],
    bursts: 4,
    lost: 18,
  },
  {
    title: "two whole bursts are lost",
    arrive: [...burst(0), ...burst(1), ...burst(4)],
    bursts: 3,
    lost: 20,
  },
  {
    title: "a whole burst is lost, and the head of the one after it",
    arrive: [...burst(0), ...burst(1), ...burst(3, without(1, 2))],
    bursts: 3,
    lost: 12,
  },
  {
    title: "an hour of bursts is lost",
    arrive: [...burst(0), ...burst(1), ...burst(361)],
    bursts: 3,
    lost: 3590,
  },
  {
    title: "every datagram arrives twice",
    arrive: [0, 1].flatMap((k) => burst(k, ALL.flatMap((sequence) => [sequence, sequence]))),
    bursts: 2,
    duplicates: 20,
  },
  {
    title: "a copy arrives at the end of the burst",
    arrive: burst(0, [...ALL, 3]),
    bursts: 1,
    duplicates: 1,
  },
  {
    title: "a copy arrives after the next burst began",
    arrive: [...burst(0), ...burst(1, [1, 2]), ...burst(0, [9]), ...burst(1, without(1, 2))],
    bursts: 2,
    duplicates: 1,
  },
  {
    title: "datagrams of one burst overtake each other",
    arrive: [...burst(0), ...burst(1, [1, 3, 2, 4, 7, 6, 5, 8, 9, 10])],
    bursts: 2,
    reordered: 3,
  },
  {
    title: "the second datagram of the very first burst arrives before the first",
    arrive: burst(0, [2, 1, 3, 4, 5, 6, 7, 8, 9, 10]),
    bursts: 1,
    reordered: 1,
  },
  {
    title: "the last of one burst is overtaken by the first of the next",
    arrive: [
      ...burst(0),
      ...burst(1, without(10)),
      ...burst(2, [1]),
      ...burst(1, [10]),
      ...burst(2, without(1)),
    ],
    bursts: 3,
    reordered: 1,
  },
  {
    title: "the first of a burst arrives after its second",
    arrive: [...burst(0), ...burst(1, [2, 1, 3, 4, 5, 6, 7, 8, 9, 10])],
    bursts: 2,
    reordered: 1,
  },
  {
    title: "the edge of two bursts is shuffled",
    arrive: [
      ...burst(0),
      ...burst(1, without(9, 10)),
      ...burst(2, [2]),
      ...burst(1, [9]),
      ...burst(2, [1]),
      ...burst(1, [10]),
      ...burst(2, without(1, 2)),
    ],
    bursts: 3,
    reordered: 3,
  },
  {
    title: "spread 0, with stamps of whole seconds",
    arrive: [0, 1, 2].flatMap((k) => wholeSeconds(k)),
    bursts: 3,
  },
  {
    title: "spread 0, whole seconds, some lost",
    arrive: [
      ...wholeSeconds(0),
      ...wholeSeconds(1, without(1, 5)),
      ...wholeSeconds(2, without(10)),
      ...wholeSeconds(3),
    ],
    bursts: 4,
    lost: 3,
  },
  {
    title: "spread 0, whole seconds, overtaken and doubled",
    arrive: [...wholeSeconds(0), ...wholeSeconds(1, [2, 1, 3, 3, 4, 6, 5, 7, 8, 9, 10])],
    bursts: 2,
    duplicates: 1,
    reordered: 2,
  },
  {
    title: "spread 1, one even stream",
    arrive: [0, 1, 2].flatMap((k) => burst(k, ALL, { spread: 1 })),
    bursts: 3,
  },
  {
    title: "spread 1, both ends of the edge are lost",
    arrive: [
      ...burst(0, ALL, { spread: 1 }),
      ...burst(1, without(10), { spread: 1 }),
      ...burst(2, without(1), { spread: 1 }),
    ],
    bursts: 3,
    lost: 2,
  },
  {
    title: "a client whose bursts are three",
    arrive: [
      ...burst(0, [1, 2, 3], { of: 3 }),
      ...burst(1, [1, 3], { of: 3 }),
      ...burst(3, [1, 2, 3], { of: 3 }),
    ],
    bursts: 3,
    lost: 1 + 3,
  },
  {
    title: "a client that sends single datagrams",
    arrive: [0, 1, 2, 4].flatMap((k) => burst(k, [1], { of: 1 })),
    bursts: 4,
    lost: 1,
  },
  {
    title: "field note: a client that restarts its numbering has not lost thousands",
    arrive: [
      ...[0, 1, 2].flatMap((k) => burst(k)),
      ...burst(3, [1, 2, 3, 4]),
      ...later(33_333, [0, 1, 2].flatMap((k) => burst(k))),
    ],
    bursts: 7,
    // What the crash kept from being sent cannot be told from what the network lost.
    lost: 6,
  },
  {
    title: "the interval becomes shorter",
    arrive: [
      ...[0, 1, 2].flatMap((k) => burst(k)),
      ...later(3 * INTERVAL, [0, 1, 2, 3].flatMap((k) => burst(k, ALL, { interval: 1_000 }))),
    ],
    bursts: 7,
  },
  {
    title: "the sender's clock steps an hour ahead",
    arrive: [0, 1, 2].flatMap((k) => burst(k)).concat(
      stepped(3_600_000, [3, 4, 5].flatMap((k) => burst(k))),
    ),
    bursts: 6,
  },
  {
    title: "the sender's clock steps an hour back",
    arrive: [0, 1, 2].flatMap((k) => burst(k)).concat(
      stepped(-3_600_000, [3, 4, 5].flatMap((k) => burst(k))),
    ),
    bursts: 6,
  },
  {
    title: "the sender's clock steps an hour back and a burst is lost later",
    arrive: [0, 1, 2].flatMap((k) => burst(k)).concat(
      stepped(-3_600_000, [3, 4, 6].flatMap((k) => burst(k))),
    ),
    bursts: 6,
    lost: 10,
  },
];

for (const { title, arrive, bursts, lost = 0, duplicates = 0, reordered = 0 } of STORIES) {
  Deno.test(`bursts: ${title}`, { permissions: "none" }, () => {
    const received = arrive.length - duplicates;
    assertEquals(observe(arrive), { bursts, received, lost, duplicates, reordered });
  });
}

Deno.test("bursts: a first beat that was held back does not look like lost bursts", {
  permissions: "none",
}, () => {
  const lump = [2, 3, 4].flatMap((k) => burst(k)).map((datagram) => ({ ...datagram, now: 45_000 }));
  const { bursts, lost } = observe([...burst(0), ...burst(1), ...lump, ...burst(5)]);
  assertEquals({ bursts, lost }, { bursts: 6, lost: 0 });
});

interface BadLink {
  title: string;
  loss: number;
  /** Share of whole bursts that an outage swallows. */
  outages?: number;
  duplication?: number;
  /** The longest delay in ms; the datagrams of a burst are 500 ms apart. */
  delay?: number;
  spread?: number;
}

const LINKS: BadLink[] = [
  { title: "1 % loss", loss: 0.01 },
  { title: "10 % loss, duplicates", loss: 0.1, duplication: 0.1 },
  { title: "30 % loss", loss: 0.3 },
  { title: "60 % loss", loss: 0.6 },
  { title: "20 % of the bursts in outages", loss: 0, outages: 0.2 },
  { title: "10 % loss, neighbours overtake", loss: 0.1, delay: 1_200 },
  { title: "10 % loss, spread 1, neighbours overtake", loss: 0.1, delay: 2_400, spread: 1 },
  { title: "10 % loss, spread 0, any order inside a burst", loss: 0.1, delay: 100, spread: 0 },
  { title: "everything", loss: 0.2, outages: 0.1, duplication: 0.05, delay: 800 },
];

const BURSTS = 1_000;
// What is lost before the first and after the last datagram heard cannot be seen, and the size and
// the interval of bursts are learnt from the first ones: at most three bursts of a thousand.
const TOLERANCE = 3 / BURSTS;

for (const { title, loss, outages = 0, duplication = 0, delay = 5, spread = 0.5 } of LINKS) {
  Deno.test(`bursts: the loss reported is the loss injected: ${title}`, {
    permissions: "none",
  }, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = seededRandom(seed);
      const arrived: Datagram[] = [];
      let delivered = 0;
      for (let k = 0; k < BURSTS; k++) {
        // Two bursts tell the interval; before that nothing can be said about whole bursts.
        const swallowed = k > 1 && random() < outages;
        for (const datagram of burst(k, ALL, { spread })) {
          if (swallowed || random() < loss) continue;
          delivered++;
          const copies = random() < duplication ? 2 : 1;
          for (let copy = 0; copy < copies; copy++) {
            arrived.push({ ...datagram, now: datagram.now + delay * random() });
          }
        }
      }
      arrived.sort((a, b) => a.now - b.now);
      const { lost, received } = observe(arrived);
      const injected = 1 - delivered / (BURSTS * 10);
      assertAlmostEquals(lost / (lost + received), injected, TOLERANCE, `seed ${seed}`);
    }
  });
}

Deno.test({
  name: "a client that was stopped and catches up with a hurried burst has lost nothing by it",
  permissions: "none",
  fn() {
    const tracker = new BurstTracker();
    const window = new SequenceWindow();
    const take = (datagrams: Datagram[]) => {
      for (const { sequence, sentAt, now } of datagrams) {
        window.observe(tracker.observe(sequence, sentAt, now));
      }
    };
    take([0, 1, 2, 3].flatMap((k) => burst(k)));
    tracker.restart();
    window.restart();
    // Ten at once, only a fifth of the interval before the next burst begins in its time.
    take(burst(7.8, ALL, { spread: 0.001 }));
    take([8, 9, 10].flatMap((k) => burst(k)));
    assertEquals([tracker.seen, window.lost], [8, 0]);
  },
});
