/**
 * `deno task mutants [NAME...]`: re-introduces each known defect and shows that the tests notice.
 *
 * A patch of tests/mutants/ is tried in a copy of the tree by the tests it names, which must pass without
 * it.
 *
 * @module
 */
import { type Fate, fateOf, type Mutant, readMutant } from "./_mutant.ts";
import { ROOT } from "./_tree.ts";

/** As many as there are processors on the smallest machine this runs on. */
const AT_ONCE = 2;
/** In ms; the tests of a mutant take a second. */
const PATIENCE = 60_000;
const FOLDER = "tests/mutants";

async function main(): Promise<number> {
  const mutants = await readMutants(Deno.args);
  const started = performance.now();
  const fates = await inCopies(mutants);
  if (!fates) return 1;
  const count = (wanted: Fate) => fates.filter((fate) => fate === wanted).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `mutants: ${count("killed")} passed, ${mutants.length - count("killed")} failed: ` +
      `${count("killed")} killed, ${count("survived")} survived, ${count("hung")} hung, ` +
      `${count("stale")} stale (${seconds} s)`,
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

/** Tries all, each copy of the tree one after the other; `undefined` if the tests fail anyway. */
async function inCopies(mutants: readonly Mutant[]): Promise<Fate[] | undefined> {
  const folders = await Promise.all(Array.from({ length: AT_ONCE }, copyOfTree));
  try {
    if (!await isGreen(mutants, folders[0]!)) return undefined;
    const fates: Fate[] = [];
    const waiting = mutants.values();
    await Promise.all(folders.map(async (folder) => {
      for (const mutant of waiting) {
        const fate = await attempt(mutant, folder);
        console.log(`${fate.padEnd(8)} ${mutant.name}: ${mutant.row}`);
        fates.push(fate);
      }
    }));
    return fates;
  } finally {
    await Promise.all(folders.map((folder) => Deno.remove(folder, { recursive: true })));
  }
}

/** A test that fails without a mutant would kill every one. */
async function isGreen(mutants: readonly Mutant[], folder: string): Promise<boolean> {
  const { code, output } = await test([...new Set(mutants.flatMap(({ tests }) => tests))], folder);
  if (code === 0) return true;
  console.error(`${output.trimEnd()}\nCannot try mutants: the tests must pass without one`);
  return false;
}

async function copyOfTree(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "heartline-mutants-" });
  const listed = await run("git", ["ls-files", "-z", "-c", "-o", "--exclude-standard"], ROOT);
  for (const path of listed.output.split("\0").filter((path) => path !== "")) {
    const target = `${folder}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    // A file that was deleted and not yet committed is listed too.
    await Deno.copyFile(new URL(path, ROOT), target).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  return folder;
}

async function attempt({ name, tests }: Mutant, folder: string): Promise<Fate> {
  const patch = `${folder}/${FOLDER}/${name}.patch`;
  const apply = (...how: string[]) =>
    run("git", ["apply", "--unidiff-zero", ...how, patch], folder);
  const { output: touched } = await apply("--numstat");
  const applied = await apply();
  if (applied.code !== 0) {
    console.log(applied.output.trimEnd());
    return "stale";
  }
  try {
    const { code, output } = await test(tests, folder);
    const fate = fateOf(code, output);
    if (fate === "stale") console.log(output.trimEnd());
    return fate;
  } finally {
    // Not by the patch in reverse: without context it may find another place.
    for (const [, path] of touched.matchAll(/^\d+\t\d+\t(.+)$/gm)) {
      await Deno.copyFile(new URL(path!, ROOT), `${folder}/${path}`);
    }
  }
}

function test(files: readonly string[], folder: string): Promise<Ran> {
  const options = ["--allow-all", "--no-check", "--quiet", "--fail-fast"];
  return run(Deno.execPath(), ["test", ...options, ...files], folder);
}

/** How a program ended, and what it printed; without an exit code it took too long. */
interface Ran {
  readonly code: number | undefined;
  readonly output: string;
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string | URL,
): Promise<Ran> {
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
