/**
 * Stories about one side of a keepalive connection in virtual time, told and answered in lines.
 *
 * A line of a story is `<ms> < <line>` (the peer's line arrives with its LF), `<ms> <| <text>` (text
 * without an LF), `<ms> send <payload>`, `<ms> reply <id> <payload>`, `<ms> ends`, `<ms> breaks`,
 * `<ms> stops`, `<ms> stalled <by>`, or `<ms>` alone, which lets time pass. What is written is taken by
 * the system at once, unless `reading` is false.
 *
 * @module
 */
import type { Instant } from "../../core/machine.ts";
import { KeepaliveConnectionMachine } from "../../keepalive/connection_machine.ts";
import type { KeepaliveInput, KeepaliveOutput } from "../../keepalive/inputs.ts";
import type { KeepaliveTiming } from "../../keepalive/options.ts";

/** A machine with what it said so far. */
export class ConnectionStory {
  readonly machine: KeepaliveConnectionMachine;
  readonly said: string[] = [];
  /** Whether the system takes what is written. */
  reading = true;

  #now: Instant = 0;

  /** A client that sends `payload`; a server if that is `undefined`. */
  constructor(timing: KeepaliveTiming = {}, payload?: string) {
    const environment = { connection: 1, remote: { server: "P" } };
    this.machine = new KeepaliveConnectionMachine({ ...timing, payload }, environment, 0);
  }

  tell(lines: readonly string[]): this {
    for (const line of lines) this.#tell(line);
    return this;
  }

  /** Gives every verdict up to `now` at its own deadline. */
  tick(now: Instant): void {
    for (let due; (due = this.machine.deadline) !== undefined && due <= now;) {
      // After a stall nothing happens in the past.
      const at = Math.max(due, this.#now);
      this.#say(at, this.machine.tick(at));
    }
  }

  /** Gives the machine one input, after all that was due before. */
  handle(input: KeepaliveInput, now: Instant): void {
    this.#now = now;
    this.#say(now, this.machine.handle(input, now));
  }

  /** When the connection was declared over, with its reason; `undefined` if it was not. */
  get end(): string | undefined {
    return this.said.find((line) => line.includes(" over: "));
  }

  #tell(line: string): void {
    const [, at, what = "", rest = ""] = /^(\d+)(?: (\S+)(?: (.*))?)?$/s.exec(line)!;
    const now = Number(at);
    if (what === "stalled") return this.#stall(Number(rest), now);
    // Input that waits is taken before what is due at the same instant.
    this.tick(now - Number.EPSILON * now);
    const input = inputOf(what, rest);
    if (input) this.handle(input, now);
    this.tick(now);
  }

  #stall(by: number, now: Instant): void {
    this.#now = now;
    this.#say(now, this.machine.stalled(by));
  }

  #say(now: Instant, outputs: readonly KeepaliveOutput[]): void {
    for (const output of outputs) {
      this.said.push(`${now} ${lineOf(output)}`);
      if (output.type === "send" && this.reading) {
        this.machine.handle({ type: "drained", connection: 1, unsent: 0 }, now);
      }
    }
  }
}

function inputOf(what: string, rest: string): KeepaliveInput | undefined {
  const bytes = (text: string) => new TextEncoder().encode(text);
  switch (what) {
    case "<":
      return { type: "data", connection: 1, bytes: bytes(`${rest}\n`) };
    case "<|":
      return { type: "data", connection: 1, bytes: bytes(rest) };
    case "send":
      return { type: "send", connection: 1, payload: rest };
    case "reply": {
      const [, id, payload] = /^(\d+) (.*)$/s.exec(rest)!;
      return { type: "reply", connection: 1, id: Number(id), payload: payload! };
    }
    case "ends":
    case "breaks":
      return { type: "ended", connection: 1, reason: what === "ends" ? "end" : "reset" };
    case "stops":
      return { type: "stop" };
    default:
      return undefined;
  }
}

/** What is written as `> line`, the rest in words. */
function lineOf(output: KeepaliveOutput): string {
  const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes).trimEnd();
  switch (output.type) {
    case "send":
      return `> ${text(output.bytes)}`;
    case "close":
      return `close ${text(output.last)}`.trimEnd();
    case "phase":
      return `${output.phase} phase, silent ${output.silentFor}`;
    case "down":
      return `down, silent ${output.silentFor}`;
    case "data":
      return `data ${output.id} ${output.payload}`.trimEnd();
    case "reply":
      return `reply ${output.id} ${output.payload} rtt ${output.rtt}`;
    case "probe-answered":
      return `answered ${output.id} rtt ${output.rtt}`;
    case "probe-missed":
      return `missed ${output.id} (${output.inARow} of ${output.limit})`;
    case "probes-only":
      return `probes only, no data for ${output.noDataFor}, unreplied ${output.unreplied}`;
    case "disconnected": {
      const said = output.said === undefined ? "" : ` "${output.said}"`;
      return `over: ${output.reason}${said}, silent ${output.silentFor}`;
    }
    case "stalled":
      return `stalled ${output.by}`;
    default:
      return output.type;
  }
}
