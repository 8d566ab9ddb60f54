/**
 * How the tasks of the clone have V8 collect.
 *
 * This file knows where a task names its options. It does not know what they do.
 *
 * @module
 */
import deno from "../../deno.json" with { type: "json" };

/** The options of V8 that a task of `deno.json` runs with, `--name=value` each; none if it names none. */
export function v8FlagsOf(task: keyof typeof deno.tasks): string[] {
  const options = / --v8-flags=(\S+)/.exec(deno.tasks[task].command);
  return options ? options[1]!.split(",") : [];
}
