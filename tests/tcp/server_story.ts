/**
 * Stories about a TCP heartbeat server in virtual time, told and answered in lines.
 *
 * A line of a story is `<ms> <client> <what>`, where what is `connects`, `ends`, `breaks`, `reads not`, numbers of
 * heartbeats that arrive in one chunk (`7`, or `7@3000` if it was sent at 3000), or text in quotes.
 * `<ms> stalled <by>` says that the server did not run, and `<ms>` alone lets time pass.
 *
 * @module
 */
import type { ConnectionLoss } from "../../core/connection.ts";
import type { Instant } from "../../core/machine.ts";
import { formatTcpHeartbeat } from "../../tcp/message.ts";
import type { TcpServerOutput } from "../../tcp/inputs.ts";
import { TcpServerMachine } from "../../tcp/server_machine.ts";
import type { TcpServerMachineOptions } from "../../tcp/options.ts";

/** The wall clock at instant 0, of server and clients. */
export const WALL = Date.UTC(2026, 0, 1);

/** A machine with what it said so far. */
export class ServerStory {
  readonly machine: TcpServerMachine;
  readonly said: string[] = [];
  /** What the wall clock of all clients is ahead of the server's. */
  ahead = 0;

  readonly #ids = new Map<string, number>();

  constructor(options: TcpServerMachineOptions = {}) {
    this.machine = new TcpServerMachine(options, { wall: (now) => WALL + now });
  }

  tell(lines: readonly string[]): this {
    for (const line of lines) this.#tell(line);
    return this;
  }

  /** Gives every verdict up to `now` at its own deadline. */
  tick(now: Instant): void {
    for (let due; (due = this.machine.deadline) !== undefined && due <= now;) {
      this.#say(due, this.machine.tick(due));
      if (this.machine.deadline === due) this.#say(due, this.machine.tick(due));
    }
  }

  /** Bytes of one client arrive in one chunk. */
  data(client: string, bytes: Uint8Array, now: Instant): void {
    this.#say(now, this.machine.receive(this.#ids.get(client)!, bytes, now));
  }

  #tell(line: string): void {
    const [, at, who = "", what = ""] = /^(\d+)(?: (\w+) (.+))?$/.exec(line)!;
    const now = Number(at);
    if (who === "stalled") {
      return this.#say(now, this.machine.stalled(Number(what)));
    }
    this.tick(now);
    if (what === "") return;
    if (what === "connects") return this.#connect(who, now);
    const connection = this.#ids.get(who)!;
    const reason = ENDS.get(what);
    if (reason) {
      return this.#say(now, this.machine.handle({ type: "ended", connection, reason }, now));
    }
    this.data(who, new TextEncoder().encode(this.#textOf(what, now)), now);
  }

  #connect(who: string, now: Instant): void {
    const connection = this.#ids.size + 1;
    this.#ids.set(who, connection);
    const remote = { hostname: who, port: connection };
    this.#say(now, this.machine.handle({ type: "opened", connection, remote, local: remote }, now));
  }

  #textOf(what: string, now: Instant): string {
    if (what.startsWith('"')) return JSON.parse(what);
    return what.split(" ").map((beat) => {
      const [sequence, sent = now] = beat.split("@").map(Number);
      return formatTcpHeartbeat({ sequence: sequence!, sentAt: WALL + sent + this.ahead });
    }).join("");
  }

  #say(now: Instant, outputs: readonly TcpServerOutput[]): void {
    for (const output of outputs) this.said.push(`${now} ${this.#lineOf(output)}`);
  }

  #lineOf(output: TcpServerOutput): string {
    const who = "client" in output
      ? output.client.split(":")[0]!
      : "connection" in output
      ? [...this.#ids].find(([, id]) => id === output.connection)?.[0]
      : "";
    switch (output.type) {
      case "send":
        return `${who} < ${new TextDecoder().decode(output.bytes)}`;
      case "missed":
      case "duplicated":
      case "restarted":
        return `${who} ${output.type} ${output.from}-${output.to} (${output.count})`;
      case "late": {
        const { from, to, count, delay } = output;
        return `${who} late ${from}-${to} (${count}) held ${Math.round(delay)}`;
      }
      case "down":
        return `${who} down after ${output.silentFor}`;
      case "recovered":
        return `${who} recovered, down ${output.downFor}, silent ${output.silentFor}`;
      case "rejected":
        return `${who} rejected: ${output.reason} (${output.count})`;
      case "disconnected":
        return `${who} disconnected: ${output.reason}`;
      case "stalled":
        return `stalled ${output.by}`;
      case "accept-failed":
        return `accept-failed ${output.code} (${output.count})`;
      case "beat":
        return `${who} beat ${output.sequence} transit ${output.transit}`;
      default:
        return `${who} ${output.type}`.trim();
    }
  }
}

const ENDS: ReadonlyMap<string, ConnectionLoss> = new Map([
  ["ends", "end"],
  ["breaks", "reset"],
  ["reads not", "not-reading"],
]);
