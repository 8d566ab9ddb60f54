// The short form of `deno task fuzz`: the corpus, and the same damaged inputs every time.

import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../support/random.ts";
import { quoted, readCorpus } from "./corpus.ts";
import { dearest, MOST_GROWTH } from "./cost.ts";
import { fuzz, outcomeOf } from "./engine.ts";
import { heldBytesNow, MOST_GROWN } from "./held.ts";
import { latin1, type Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

const SEED = 20260101;
const CORPUS = { permissions: { read: [new URL("corpus/", import.meta.url)] } };

for (const target of TARGETS) {
  Deno.test(`corpus: ${target.name}`, CORPUS, () => {
    const corpus = readCorpus(target.name);
    assert(corpus.length > 0, "A target without a corpus");
    // What a stream comes to must not depend on where it is cut.
    for (const input of corpus) for (const seed of [1, 2, 3]) outcomeOf(target, input, seed);
  });

  Deno.test(`fuzz: ${target.name}`, CORPUS, () => {
    const corpus = readCorpus(target.name);
    const most = inputsOf(target);
    let early = Infinity;
    const { classes, failure } = fuzz(target, {
      seed: SEED,
      corpus,
      enough(inputs) {
        if (inputs === most / 5) early = heldBytesNow();
        return inputs === most;
      },
    });
    if (failure) {
      const how = failure.alone ? "alone" : "behind those before it";
      throw new Error(`${quoted(latin1(failure.input))} ${how}`, { cause: failure.error });
    }
    assert(classes.size > 1, "All inputs led to the same");
    const grown = heldBytesNow() - early;
    assert(grown < MOST_GROWN, `${grown} more bytes are held`);
  });

  if (!target.cost) continue;
  const { cost } = target;
  Deno.test(`a byte costs no more in a long input: ${target.name}`, CORPUS, () => {
    const random = seededRandom(SEED);
    const pick = (below: number) => Math.floor(random() * below);
    const inputs = readCorpus(target.name).filter(({ length }) => length > 0);
    const { growth } = dearest(cost, inputs, 2, pick);
    assert(growth.growth < MOST_GROWTH, `${growth.growth} times ${quoted(latin1(growth.input))}`);
  });
}

Deno.test("every target has its own name, and the corpus nothing else", CORPUS, () => {
  const names = TARGETS.map(({ name }) => name);
  const files = [...Deno.readDirSync(new URL("corpus/", import.meta.url))].map(({ name }) => name);
  assertEquals(files.sort(), names.map((name) => `${name}.json`).sort());
});

/** A stream is read byte by byte, a machine takes more to fill. */
function inputsOf({ name }: Target): number {
  if (name.endsWith("-stream")) return 500;
  return /server|client/.test(name) ? 10_000 : 2_000;
}
