/**
 * `Deno.test` over `node:test`, for the tests that run on Node: `scripts/_node_tests.ts` makes every
 * test file import it, so that no global pretends that this is Deno.
 *
 * Permissions and sanitizers are Deno's and have no effect.
 *
 * @module
 */
import process from "node:process";
import { after, test as nodeTest } from "node:test";
import { setInterval, setTimeout } from "node:timers";

type TestContext = NonNullable<Parameters<NonNullable<Parameters<typeof nodeTest>[0]>>[0]>;

// What is left open is for Deno's sanitizers to find; here it must not keep the run, which ends when all
// is written. Node's own --test-force-exit ends a file before that, and so loses tests unseen. Bun runs all
// files in one process, and ends it.
if (process.versions.bun === undefined) {
  after(() => {
    // Neither timer keeps the run, and what a last test began to open may open later.
    setInterval(letGo, 20).unref();
    setTimeout(() => process.exit(), LINGER).unref();
  });
}

/** Has nothing that is open keep this process. */
function letGo(): void {
  const { _getActiveHandles: left } = process as unknown as { _getActiveHandles?(): unknown[] };
  for (const handle of left?.() ?? []) (handle as { unref?(): void }).unref?.();
}

/** What a test or a step is. */
interface Definition {
  readonly name: string;
  readonly ignore?: boolean;
  readonly fn: (context: Steps) => void | Promise<void>;
}

/** What a test is given. */
interface Steps {
  step(...declared: Declared): Promise<boolean>;
}

type Declared =
  | [definition: Definition]
  | [options: Omit<Definition, "fn">, fn: Definition["fn"]]
  | [name: string, fn: Definition["fn"]]
  | [name: string, options: Omit<Definition, "name" | "fn">, fn: Definition["fn"]];

/** The part of `Deno` that test files use. */
export const Deno = { test };

function test(...declared: Declared): void {
  const { name, ignore = false, fn } = definitionOf(declared);
  nodeTest(name, { skip: ignore }, (context) => fn(stepsOf(context)));
}

function stepsOf(context: TestContext): Steps {
  return {
    async step(...declared) {
      const { name, ignore = false, fn } = definitionOf(declared);
      let passed = true;
      await context.test(name, { skip: ignore }, async (inner) => {
        passed = false;
        await fn(stepsOf(inner));
        passed = true;
      });
      return passed;
    },
  };
}

function definitionOf(declared: Declared): Definition {
  const parts = declared.map((part) =>
    typeof part === "string" ? { name: part } : typeof part === "function" ? { fn: part } : part
  );
  return Object.assign({}, ...parts);
}

/** Milliseconds that a timer which was left may keep the run. */
const LINGER = 10_000;
