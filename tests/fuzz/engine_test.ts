// The fuzzer must be able to find what it looks for: each test plants one fault.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { codecTarget, readerTarget, streamTarget } from "./codec.ts";
import { quoted } from "./corpus.ts";
import { dearest, MOST_GROWTH } from "./cost.ts";
import { fuzz, outcomeOf, shrunk } from "./engine.ts";
import { machineTarget } from "./machine.ts";
import { bytesOf, latin1, type Pick, type Target } from "./target.ts";

const PURE = { permissions: "none" } as const;

/** A sound codec: `n` and digits. */
const NUMBER = {
  name: "number",
  tokens: ["n"],
  framing: { mark: "\n", limit: 64 },
  sample: (pick: Pick) => `n${pick(1_000)}`,
  decode(bytes: Uint8Array, start: number, end: number): { value: number } | undefined {
    const match = /^n(\d{1,9})$/.exec(latin1(bytes.subarray(start, end)));
    return match ? { value: Number(match[1]) } : undefined;
  },
  encode: ({ value }: { value: number }) => `n${value}\n`,
};

function failureOf(target: Target, inputs = 20_000) {
  const options = { seed: 1, corpus: [], enough: (count: number) => count === inputs };
  return fuzz(target, options).failure;
}

/** The complaint about a codec with one fault, and the input that shows it. */
function fault(
  changes: Partial<typeof NUMBER>,
  make = codecTarget,
): [message: string, input: string] {
  const failure = failureOf(make({ ...NUMBER, ...changes }))!;
  return [(failure.error as Error).message, latin1(failure.input)];
}

Deno.test("a sound decoder passes", PURE, () => {
  assertEquals(failureOf(codecTarget(NUMBER)), undefined);
  assertEquals(failureOf(streamTarget(NUMBER), 2_000), undefined);
});

Deno.test("a decoder that throws is found, and its input shrunk", PURE, () => {
  const [message, input] = fault({
    decode(bytes, start, end) {
      if (bytes.subarray(start, end).includes(0xff)) throw new TypeError("No such byte");
      return NUMBER.decode(bytes, start, end);
    },
  });
  assertEquals([message, input], ["No such byte", "\xff"]);
});

Deno.test("a decoder that reads beyond its range is found", PURE, () => {
  const [message] = fault({ decode: (bytes, start) => NUMBER.decode(bytes, start, bytes.length) });
  assert(message.includes("beyond its range"), message);
});

Deno.test("a decoder that writes into its input is found", PURE, () => {
  const [message] = fault({
    decode(bytes, start, end) {
      bytes[start] = 0;
      return NUMBER.decode(bytes, start, end);
    },
  });
  assert(message.includes("wrote into its input"), message);
});

Deno.test("an encoder that is no fixed point is found", PURE, () => {
  const [message] = fault({ encode: ({ value }) => `n${value === 1 ? 1 : value - 1}\n` });
  assert(/no fixed point|not decoded/.test(message), message);
});

Deno.test("a stream whose messages depend on where it is cut is found", PURE, () => {
  // It believes that every message begins its chunk.
  const decode: typeof NUMBER.decode = (bytes, start, end) =>
    start > 0 ? undefined : NUMBER.decode(bytes, start, end);
  const [message] = fault({ decode, sample: (pick) => `n${pick(9)}\n` }, streamTarget as never);
  assert(/Cut at|Byte by byte/.test(message), message);
});

Deno.test("a reader that throws what is no complaint is found", PURE, () => {
  const target = readerTarget({ ...NUMBER, read: (text) => JSON.stringify(JSON.parse(text)) });
  assertEquals(failureOf(target)!.error instanceof SyntaxError, true);
});

Deno.test(
  "what a machine only breaks after many inputs is told from what one does alone",
  PURE,
  () => {
    const target = machineTarget(codecTarget(NUMBER), "counter", () => {
      let taken = 0;
      return {
        take() {
          if (++taken === 100) throw new Error("full");
          return "taken";
        },
      };
    });
    assertEquals(failureOf(target)!.alone, false);
  },
);

Deno.test("a promise about all inputs together is asked for at the end", PURE, () => {
  const broken = () => {
    throw new Error("lost count");
  };
  const target = { ...NUMBER, start: () => ({ take: () => "taken", finish: broken }) };
  assertEquals((failureOf(target)!.error as Error).message, "lost count");
  assertThrows(() => outcomeOf(target, bytesOf("x")), Error, "lost count");
});

Deno.test("the same seed gives the same inputs, another one others", PURE, () => {
  const inputsOf = (seed: number): string => {
    let all = "";
    const take = (input: Uint8Array) => (all += latin1(input), "taken");
    fuzz({ ...NUMBER, start: () => ({ take }) }, { seed, corpus: [], enough: (n) => n === 200 });
    return all;
  };
  assertEquals(inputsOf(1), inputsOf(1));
  assert(inputsOf(1) !== inputsOf(2));
});

Deno.test("quadratic work is found by its cost, linear work is not", PURE, () => {
  const pick: Pick = (below) => below >> 1;
  const growthOf = (work: (input: Uint8Array) => unknown): number =>
    dearest({ lengths: [2_048], work }, [bytesOf("ab")], 1, pick).growth.growth;
  assert(growthOf((input) => input.reduce((sum, byte) => sum + byte, 0)) < MOST_GROWTH);
  // Each byte looks through those before it, as a search that starts over does.
  const growth = growthOf((input) => {
    for (let i = 0; i < input.length; i += 16) input.subarray(0, i).indexOf(0);
  });
  assert(growth > MOST_GROWTH, `${growth}`);
});

Deno.test("shrinking leaves what it takes", PURE, () => {
  const holds = (part: Uint8Array) => /a.*b/s.test(latin1(part));
  assertEquals(latin1(shrunk(bytesOf("xxaxxxxbxx"), holds)), "ab");
});

Deno.test("an input stands in the corpus as printable ASCII that reads the same", PURE, () => {
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  assert(/^[ -~]*$/.test(quoted(all)));
  assertEquals(JSON.parse(quoted(all)), all);
});
