import { assert, assertEquals, assertThrows } from "@std/assert";
import { TokenBuckets } from "../../core/token_buckets.ts";
import { seededRandom } from "../support/random.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

/** How many of `count` takes at `now` succeed. */
function taken(buckets: TokenBuckets, key: string, count: number, now: number): number {
  let taken = 0;
  for (let i = 0; i < count; i++) if (buckets.take(key, now)) taken++;
  return taken;
}

pure("a full bucket gives its burst, then its rate", () => {
  const buckets = new TokenBuckets({ rate: 10, burst: 5 });
  assertEquals(taken(buckets, "a", 100, 0), 5);
  assertEquals(taken(buckets, "a", 100, 99), 0);
  assertEquals(taken(buckets, "a", 100, 100), 1);
  assertEquals(taken(buckets, "a", 100, 400), 3);
  assertEquals(taken(buckets, "a", 100, 1_000_000), 5);
});

pure("each key has its own bucket", () => {
  const buckets = new TokenBuckets({ rate: 10, burst: 5 });
  assertEquals(taken(buckets, "a", 100, 0), 5);
  assertEquals(taken(buckets, "b", 100, 0), 5);
});

pure("a refused take costs nothing, so that patience is rewarded", () => {
  const buckets = new TokenBuckets({ rate: 10, burst: 1 });
  let given = 0;
  for (let now = 0; now < 10_000; now++) if (buckets.take("a", now)) given++;
  assertEquals(given, 100);
});

pure("forgetting a bucket never gives more than burst and rate allow", () => {
  const random = seededRandom(1);
  const buckets = new TokenBuckets({ rate: 100, burst: 20 });
  let now = 0, given = 0;
  for (let i = 0; i < 200_000; i++) {
    now += random() * 5;
    if (buckets.take("a", now)) given++;
    assert(given <= 20 + now / 10 + 1e-6, `${given} tokens in ${now} ms`);
  }
  assert(given > now / 10 - 20);
});

pure("a million keys take bounded memory, and those without a place share one bucket", () => {
  const buckets = new TokenBuckets({ rate: 10, burst: 5, maxKeys: 100 });
  let given = 0, most = 0;
  for (let i = 0; i < 1_000_000; i++) {
    if (buckets.take(`10.0.0.${i}`, i / 1e6)) given++;
    most = Math.max(most, buckets.size);
  }
  assertEquals([given, most], [105, 100]);
});

pure("who is known keeps its own bucket while strangers flood", () => {
  const buckets = new TokenBuckets({ rate: 10, burst: 5, maxKeys: 100 });
  let honest = 0;
  for (let now = 0; now < 10_000; now++) {
    if (now % 200 === 0 && buckets.take("honest", now)) honest++;
    for (let i = 0; i < 20; i++) buckets.take(`${now}.${i}`, now);
    assert(buckets.size <= 200);
  }
  assertEquals(honest, 50);
});

pure("a wrong option is refused", () => {
  assertThrows(() => new TokenBuckets({ rate: 0, burst: 1 }), Error, "Cannot use rate");
  assertThrows(() => new TokenBuckets({ rate: 1, burst: 0 }), Error, "Cannot use burst");
  assertThrows(() => new TokenBuckets({ rate: 1, burst: 1, maxKeys: 0 }), Error, "maxKeys");
});
