/**
 * `deno task mutants [NAME...]`: re-introduces each known defect and shows that the tests notice.
 *
 * This file knows how a patch is tried: in a copy of the tree, by the tests it names. It does not know
 * any defect; those are the patches under tests/mutants/.
 *
 * @module
 */
import { type Fate, fateOf, type Mutant, readMutant } from "./_mutant.ts";
import { ROOT } from "./_tree.ts";

/** As many as there are processors on the smallest machine this runs on. */
const AT_ONCE = 2;
/** In ms; the tests of a mutant take seconds. */
const PATIENCE = 120_000;
const FOLDER = "tests/mutants";

async function main(): Promise<number> {
  const mutants = await readMutants(Deno.args);
  const started = performance.now();
  const fates = await inCopies(mutants);
  const count = (wanted: Fate) => fates.filter((fate) => fate === wanted).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `mutants: ${count("killed")} killed, ${count("survived")} survived, ` +
      `${count("hung")} hung, ${count("stale")} stale (${seconds} s)`,
  );
  return count("killed") === mutants.length ? 0 : 1;
}

async function readMutants(wanted: readonly string[]): Promise<Mutant[]> {
  const files = [...Deno.readDirSync(new URL(FOLDER, ROOT))].map(({ name }) => name);
  const names = files.filter((name) => name.endsWith(".patch")).map((name) => name.slice(0, -6));
  for (const name of wanted) {
    if (names.includes(name)) continue;
    console.error(`Cannot try ${name}: wanted one of ${names.sort().join(", ")}`);
    Deno.exit(2);
  }
  const chosen = names.filter((name) => wanted.length === 0 || wanted.includes(name)).sort();
  return await Promise.all(chosen.map(async (name) => {
    return readMutant(name, await Deno.readTextFile(new URL(`${FOLDER}/${name}.patch`, ROOT)));
  }));
}

/** Tries all, each copy of the tree one after the other. */
async function inCopies(mutants: readonly Mutant[]): Promise<Fate[]> {
  const fates: Fate[] = [];
  const waiting = mutants.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    const folder = await Deno.makeTempDir({ prefix: "heartline-mutants-" });
    try {
      await copyTree(folder);
      for (const mutant of waiting) {
        const fate = await attempt(mutant, folder);
        console.log(`${fate.padEnd(8)} ${mutant.name}: ${mutant.row}`);
        fates.push(fate);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }));
  return fates;
}

async function copyTree(folder: string): Promise<void> {
  const listed = await run("git", ["ls-files", "-z", "-c", "-o", "--exclude-standard"], ROOT);
  for (const path of listed.output.split("\0").filter((path) => path !== "")) {
    const target = `${folder}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    // A file that was deleted and not yet committed is listed too.
    await Deno.copyFile(new URL(path, ROOT), target).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

async function attempt({ name, tests }: Mutant, folder: string): Promise<Fate> {
  const patch = `${folder}/${FOLDER}/${name}.patch`;
  const apply = (...how: string[]) => run("git", ["apply", ...how, patch], folder);
  const applied = await apply();
  if (applied.code !== 0) {
    console.log(applied.output.trimEnd());
    return "stale";
  }
  try {
    const args = ["test", "--allow-all", "--no-check", "--quiet", "--fail-fast", ...tests];
    const { code, output } = await run(Deno.execPath(), args, folder);
    const fate = fateOf(code, output);
    if (fate === "stale") console.log(output.trimEnd());
    return fate;
  } finally {
    await apply("--reverse");
  }
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string | URL,
): Promise<{ readonly code: number | undefined; readonly output: string }> {
  const signal = AbortSignal.timeout(PATIENCE);
  const command = new Deno.Command(program, {
    args: [...args],
    cwd,
    signal,
    env: { NO_COLOR: "1", GIT_CEILING_DIRECTORIES: "/" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return {
    code: signal.aborted ? undefined : code,
    output: text.decode(stdout) + text.decode(stderr),
  };
}

if (import.meta.main) Deno.exit(await main());
