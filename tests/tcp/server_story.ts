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
import { formatTcpHeartbeat } from "../../tcp/message.ts";
import type { TcpServerInput, TcpServerOutput } from "../../tcp/inputs.ts";
import { TcpServerMachine } from "../../tcp/server_machine.ts";
import type { TcpServerMachineOptions } from "../../tcp/options.ts";
import { ToldStory } from "../support/story.ts";

/** The wall clock at instant 0, of server and clients. */
export const WALL = Date.UTC(2026, 0, 1);

/** A server, and its clients by name. */
export class ServerStory extends ToldStory<TcpServerInput, TcpServerOutput, TcpServerMachine> {
  /** What the wall clock of all clients is ahead of the server's. */
  ahead = 0;

  readonly #ids = new Map<string, number>();

  constructor(options: TcpServerMachineOptions = {}) {
    super(new TcpServerMachine(options, { wall: (now) => WALL + now }));
  }

  /** Bytes of one client arrive in one chunk. */
  data(client: string, bytes: Uint8Array): void {
    this.performAll(this.machine.receive(this.#ids.get(client)!, bytes, this.now));
  }

  protected act(who: string, what: string): void {
    if (what === "connects") return this.#connect(who);
    const connection = this.#ids.get(who)!;
    const reason = ENDS.get(what);
    if (reason) this.give({ type: "ended", connection, reason });
    else this.data(who, new TextEncoder().encode(this.#textOf(what)));
  }

  protected perform(output: TcpServerOutput): void {
    this.log.push(`${this.now} ${this.#lineOf(output)}`);
  }

  #connect(who: string): void {
    const connection = this.#ids.size + 1;
    this.#ids.set(who, connection);
    const remote = { hostname: who, port: connection };
    this.give({ type: "opened", connection, remote, local: remote });
  }

  #textOf(what: string): string {
    if (what.startsWith('"')) return JSON.parse(what);
    return what.split(" ").map((beat) => {
      const [sequence, sent = this.now] = beat.split("@").map(Number);
      return formatTcpHeartbeat({ sequence: sequence!, sentAt: WALL + sent + this.ahead });
    }).join("");
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
