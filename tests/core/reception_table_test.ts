import { assert, assertEquals } from "@std/assert";
import { ReceptionStatistics } from "../../core/reception_statistics.ts";
import { ReceptionTable } from "../../core/reception_table.ts";
import { heldBytes } from "../support/held_bytes.ts";
import { seededRandom } from "../support/random.ts";

/** Receives one message: some are lost, swapped, repeated or late. */
function feed(reception: ReceptionStatistics, n: number, random: () => number): void {
  const delay = random() < 0.02 ? 60_000 * random() : 100 * random();
  reception.observe(n + Math.floor(random() * 40), n * 1_000, n * 1_000 + delay, n * 1_000);
}

Deno.test("statistics in a table are as statistics by themselves", { permissions: "none" }, () => {
  const receptions = new ReceptionTable();
  const alone = Array.from({ length: 200 }, () => new ReceptionStatistics());
  for (const peer of alone.keys()) receptions.at(peer).clear();
  const [one, other] = [seededRandom(1), seededRandom(1)];
  for (let n = 0; n < 100; n++) {
    for (const [peer, reception] of alone.entries()) {
      if (n === 50 && peer % 3 === 0) {
        [reception, receptions.at(peer)].forEach((reception) => reception.restart());
      }
      feed(reception, n, one);
      feed(receptions.at(peer), n, other);
      assertEquals(receptions.at(peer).lastWasLate, reception.lastWasLate);
    }
  }
  for (const [peer, reception] of alone.entries()) {
    assertEquals(receptions.at(peer).report(), reception.report());
  }
});

Deno.test("who comes to the place of another begins from nothing", { permissions: "none" }, () => {
  const receptions = new ReceptionTable();
  const random = seededRandom(2);
  for (let n = 0; n < 100; n++) feed(receptions.at(7), n, random);
  assert(receptions.at(7).report().late > 0);
  receptions.at(7).clear();
  assertEquals(receptions.at(7).report(), new ReceptionStatistics().report());
  receptions.at(7).observe(5, 1_000, 1_004, 0);
  const reception = new ReceptionStatistics();
  reception.observe(5, 1_000, 1_004, 0);
  assertEquals(receptions.at(7).report(), reception.report());
});

Deno.test("what counts as late is the same for all clients", { permissions: "none" }, () => {
  const receptions = new ReceptionTable(10);
  for (const peer of [0, 1]) {
    receptions.at(peer).clear();
    for (const [n, delay] of [0, 11].entries()) {
      receptions.at(peer).observe(n, n * 1_000, n * 1_000 + delay, n * 1_000);
    }
    assertEquals(receptions.at(peer).late, 1);
  }
});

Deno.test("a client costs less than 500 bytes, also after hundreds of messages of every kind", {
  permissions: "none",
}, () => {
  const PEERS = 100_000;
  const before = heldBytes();
  const receptions = new ReceptionTable();
  for (let peer = 0; peer < PEERS; peer++) receptions.at(peer).clear();
  const random = seededRandom(1);
  for (let n = 0; n < 400; n++) feed(receptions.at(n % 4), n, random);
  const bytesPerClient = (heldBytes() - before) / PEERS;
  assert(bytesPerClient < 500, `${bytesPerClient} bytes per client`);
  assert(bytesPerClient > 300, `${bytesPerClient} bytes per client: memory was freed meanwhile`);
  assert(receptions.at(0).report().received > 50);
});
