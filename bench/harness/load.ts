/**
 * The programs in C that make load, or are a floor in C.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { CannotMeasure, type Children, type Load } from "./children.ts";

/** The name of a program in `bench/load/`. */
export type LoadName =
  | `udp_${"flood" | "beats" | "hello" | "drain"}`
  | `tcp_${"flood" | "beats" | "forward"}`
  | "ws_beats";

/** Builds load programs, each once. */
export class LoadPrograms {
  readonly #children: Children;
  readonly #compiler: string;
  readonly #built = new Map<LoadName, string>();
  #folder: string | undefined;

  /** Builds into a folder of `children`. */
  constructor(children: Children, compiler = "gcc") {
    this.#children = children;
    this.#compiler = compiler;
  }

  /** Starts a program. */
  start(name: LoadName, ...args: number[]): Load {
    return this.#children.load([this.program(name)], ...args);
  }

  /**
   * The path of a program.
   *
   * @throws {CannotMeasure} on a machine without a C compiler
   */
  program(name: LoadName): string {
    const known = this.#built.get(name);
    if (known) return known;
    this.#folder ??= this.#children.folder();
    const program = `${this.#folder}/${name}`;
    this.#compile(name, program);
    this.#built.set(name, program);
    return program;
  }

  #compile(name: LoadName, binary: string): void {
    const source = fileURLToPath(new URL(`../load/${name}.c`, import.meta.url));
    const args = ["-O2", "-Wall", "-pthread", "-o", binary, source];
    const compiler = this.#compiler;
    try {
      if (new Deno.Command(compiler, { args, stderr: "inherit" }).outputSync().success) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new CannotMeasure(`${compiler}, which compiles ${name}, is not installed`);
    }
    throw new CannotMeasure(`${compiler} could not compile ${name}`);
  }
}
