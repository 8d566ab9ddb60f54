/**
 * One of our own commands as a child process that speaks JSON.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import process from "node:process";
import { launch } from "../command/launch.ts";

/** A running command. */
export interface ChildCommand {
  /** Waits for the first event of that name and returns its fields. */
  event(name: string): Promise<Record<string, unknown>>;
  /** Stops it by SIGSTOP, as when its machine hangs. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  /** Ends it by SIGKILL. */
  kill(): void;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<void>;
}

/** Starts the command in `cli/<file>.ts` with `--json`. */
export function startCommand(file: string, args: readonly string[]): ChildCommand {
  const [program, ...start] = launch(file, ["--allow-net"]);
  const child = spawn(program, [...start, "--json", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seen: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  const wake = (): void => waiting.forEach((look) => look());
  createInterface({ input: child.stdout! }).on("line", (line) => {
    // Only what the start-up tells is asked for; a long run must not be kept. The last line of one that
    // is killed may be half a line.
    const event = seen.length < MOST_EVENTS ? parsed(line) : undefined;
    if (event) seen.push(event);
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    child.on("close", () => {
      ended = true;
      process.off("exit", kill);
      wake();
      resolve();
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    // Not the child's own `kill`: on Deno only its first signal is sent.
    if (ended) return;
    try {
      process.kill(child.pid!, name);
    } catch {
      // It has just ended.
    }
  };
  const kill = (): void => signal("SIGKILL");
  // However this process ends, no child of it stays.
  process.on("exit", kill);
  return {
    event: (name) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = seen.find(({ event }) => event === name);
          if (!found && !ended) return;
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error(`${file} ended before it said ${name}`));
        };
        waiting.add(look);
        look();
      }),
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    kill,
    ended: closed,
  };
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const MOST_EVENTS = 16;
