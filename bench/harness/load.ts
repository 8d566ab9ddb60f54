/**
 * The programs that make load, in the fastest form this machine has.
 *
 * This file knows how to build them. It does not know what they send.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Children } from "./children.ts";

/** The name of a program in `bench/load/`, which has each of them in C and in TypeScript. */
export type LoadName =
  | "udp_flood"
  | "udp_beats"
  | "tcp_flood"
  | "tcp_beats"
  | "udp_hello"
  | "ws_beats";

/** The name of a program in `bench/load/` that is there in C alone. */
export type NativeName = "udp_drain" | "tcp_forward";

/** Builds load programs, each once. */
export class LoadPrograms {
  readonly #children: Children;
  readonly #built = new Map<LoadName, string[]>();
  #folder: string | undefined;
  /** What they were written in: "C" or "Deno". */
  language: "C" | "Deno" = "C";

  /** Builds into a folder of `children`. */
  constructor(children: Children) {
    this.#children = children;
  }

  /** The command line that runs a program: compiled C where gcc is, else Deno. */
  program(name: LoadName): string[] {
    const known = this.#built.get(name);
    if (known) return known;
    const program = this.#compile(name) ?? this.#script(name);
    this.#built.set(name, program);
    return program;
  }

  /** The command line of a program that must be C, `undefined` where no gcc is. */
  native(name: NativeName): string[] | undefined {
    return this.#compile(name);
  }

  #compile(name: LoadName | NativeName): string[] | undefined {
    this.#folder ??= this.#children.folder();
    const binary = `${this.#folder}/${name}`;
    try {
      const args = ["-O2", "-Wall", "-pthread", "-o", binary, pathOf(`${name}.c`)];
      if (new Deno.Command("gcc", { args, stderr: "inherit" }).outputSync().success) {
        return [binary];
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return undefined;
  }

  #script(name: LoadName): string[] {
    this.language = "Deno";
    const flags = ["--quiet", "--allow-all", "--unstable-net"];
    return [Deno.execPath(), "run", ...flags, pathOf(`${name}.ts`)];
  }
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../load/${file}`, import.meta.url));
}
