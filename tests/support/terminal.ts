/**
 * A command in a terminal of its own, made by Python, and what is on its screen.
 *
 * Of the movements of a cursor it follows the few that our tables use.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import process from "node:process";
import { Child } from "./process.ts";

/** Holds the terminal: commands come as lines on standard input, what is drawn goes out in hex. */
const HOLDER = `
import fcntl, os, pty, select, signal, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
def resize(columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
resize(80, 24)
held = False
while True:
    ready, _, _ = select.select([0] if held else [terminal, 0], [], [])
    if 0 in ready:
        for line in os.read(0, 4096).decode().splitlines():
            word, *numbers = line.split()
            if word == "size":
                resize(*map(int, numbers))
            elif word == "type":
                os.write(terminal, bytes(map(int, numbers)))
            elif word == "hold":
                held = True
            elif held:
                os.kill(pid, signal.SIGTERM)
                print("exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
                sys.exit()
            else:
                os.kill(pid, signal.SIGTERM)
    if terminal in ready:
        try:
            drawn = os.read(terminal, 65536)
        except OSError:
            break
        print(drawn.hex(), flush=True)
print("exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
`;

/** A command in a terminal of 80 columns and 24 rows. */
export class TerminalChild implements AsyncDisposable {
  readonly #child: Child;
  #taken = 0;
  #drawn: number[] = [];

  /** Starts a command of this project by the name of its file. */
  constructor(file: string, args: readonly string[], settings: Record<string, string> = {}) {
    // Whoever runs the tests may want no colours; the terminal of a test has them unless it says so.
    const path = fileURLToPath(new URL(`../../cli/${file}.ts`, import.meta.url));
    const run = [process.execPath, "run", "--quiet", "--no-prompt", "--allow-net", "--allow-read"];
    this.#child = new Child("python3", ["-u", "-c", HOLDER, ...run, path, ...args], {
      settings: { NO_COLOR: "", ...settings },
    });
  }

  /** Makes the terminal larger or smaller. */
  resize(columns: number, rows: number): void {
    this.#child.write(`size ${columns} ${rows}\n`);
  }

  /** Has the terminal take nothing more, as after Ctrl-S. */
  hold(): void {
    this.#child.write("hold\n");
  }

  /** Types on the terminal's keyboard. */
  type(text: string): void {
    const keys = Array.from(text, (key) => key.charCodeAt(0));
    this.#child.write(`type ${keys.join(" ")}\n`);
  }

  /** Waits for it to end by itself, and returns its exit code. */
  async exitCode(): Promise<number> {
    const said = await this.#child.line((line) => line.startsWith("exit"));
    this.#collect();
    return Number(said.split(" ")[1]);
  }

  /** Asks the command to end, and returns its exit code. */
  async end(): Promise<number> {
    this.#child.write("end\n");
    return await this.exitCode();
  }

  /** Everything that was written to the terminal. */
  get drawn(): string {
    this.#collect();
    return new TextDecoder().decode(new Uint8Array(this.#drawn));
  }

  /** Waits for a screen of which `wanted` holds, and returns its lines. */
  async screen(wanted: (lines: readonly string[]) => boolean): Promise<string[]> {
    const fits = (lines: string[] | undefined): boolean => lines !== undefined && wanted(lines);
    return screenOf(await this.text((drawn) => fits(screenOf(drawn))))!;
  }

  /** Waits until `wanted` holds of all that was drawn, and returns that. */
  async text(wanted: (drawn: string) => boolean): Promise<string> {
    for (;;) {
      const { drawn } = this;
      if (wanted(drawn)) return drawn;
      // The holder writes a line for whatever the command draws next.
      await this.#child.line(() => true, this.#taken);
    }
  }

  /** Ends it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }

  #collect(): void {
    for (; this.#taken < this.#child.out.length; this.#taken++) {
      const line = this.#child.out[this.#taken]!;
      if (line.startsWith("exit")) return;
      for (const [pair] of line.matchAll(/../g)) this.#drawn.push(parseInt(pair, 16));
    }
  }
}

/** The lines of the last screen that was drawn to its end, without colours. */
function screenOf(drawn: string): string[] | undefined {
  return colouredScreenOf(drawn)?.map((line) => line.replaceAll(COLOUR, ""));
}

/** The same with colours. */
export function colouredScreenOf(drawn: string): string[] | undefined {
  const last = drawn.split("\x1b[J").at(drawn.endsWith(END) ? -1 : -2);
  if (!last?.includes(END)) return undefined;
  // The terminal makes CR LF of LF, also where a CR was written.
  return last.split(END, 1)[0]!.split(/\r*\n/);
}

const END = "\x1b[?2026l";
// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[[0-9;]*m/g;
