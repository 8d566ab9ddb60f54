import { assert, assertEquals } from "@std/assert";
import { LinkStatistics } from "../../core/link_statistics.ts";
import { LinkTable } from "../../core/link_table.ts";
import { heldBytes } from "../support/held_bytes.ts";
import { seededRandom } from "../support/random.ts";

/** Gives a link one message: some are lost, swapped, repeated or late. */
function feed(link: LinkStatistics, n: number, random: () => number): void {
  const delay = random() < 0.02 ? 60_000 * random() : 100 * random();
  link.observe(n + Math.floor(random() * 40), n * 1_000, n * 1_000 + delay, n * 1_000);
}

Deno.test("links in a table are as links of their own", { permissions: "none" }, () => {
  const links = new LinkTable();
  const alone = Array.from({ length: 200 }, () => new LinkStatistics());
  for (const peer of alone.keys()) links.at(peer).clear();
  const [one, other] = [seededRandom(1), seededRandom(1)];
  for (let n = 0; n < 100; n++) {
    for (const [peer, link] of alone.entries()) {
      if (n === 50 && peer % 3 === 0) [link, links.at(peer)].forEach((link) => link.restart());
      feed(link, n, one);
      feed(links.at(peer), n, other);
      assertEquals(links.at(peer).lastWasLate, link.lastWasLate);
    }
  }
  for (const [peer, link] of alone.entries()) assertEquals(links.at(peer).report(), link.report());
});

Deno.test("who comes to the place of another begins from nothing", { permissions: "none" }, () => {
  const links = new LinkTable();
  const random = seededRandom(2);
  for (let n = 0; n < 100; n++) feed(links.at(7), n, random);
  assert(links.at(7).report().late > 0);
  links.at(7).clear();
  assertEquals(links.at(7).report(), new LinkStatistics().report());
  links.at(7).observe(5, 1_000, 1_004, 0);
  const link = new LinkStatistics();
  link.observe(5, 1_000, 1_004, 0);
  assertEquals(links.at(7).report(), link.report());
});

Deno.test("what counts as late is the same for all links", { permissions: "none" }, () => {
  const links = new LinkTable(10);
  for (const peer of [0, 1]) {
    links.at(peer).clear();
    for (const [n, delay] of [0, 11].entries()) {
      links.at(peer).observe(n, n * 1_000, n * 1_000 + delay, n * 1_000);
    }
    assertEquals(links.at(peer).late, 1);
  }
});

Deno.test("a link costs less than 500 bytes, also after hundreds of messages of every kind", {
  permissions: "none",
}, () => {
  const PEERS = 100_000;
  const before = heldBytes();
  const links = new LinkTable();
  for (let peer = 0; peer < PEERS; peer++) links.at(peer).clear();
  const random = seededRandom(1);
  for (let n = 0; n < 400; n++) feed(links.at(n % 4), n, random);
  const bytesPerLink = (heldBytes() - before) / PEERS;
  assert(bytesPerLink < 500, `${bytesPerLink} bytes per link`);
  assert(bytesPerLink > 300, `${bytesPerLink} bytes per link: memory was freed meanwhile`);
  assert(links.at(0).report().received > 50);
});
