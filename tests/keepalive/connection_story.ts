/**
 * Stories about one side of a keepalive connection in virtual time, told and answered in lines.
 *
 * A line of a story is `<ms> < <line>` (the peer's line arrives with its LF), `<ms> <| <text>` (text
 * without an LF), `<ms> held`, `<ms> write-failed`, `<ms> send <payload>`, `<ms> reply <id> <payload>`, `<ms> ends`, `<ms> breaks`,
 * `<ms> stops`, `<ms> stalled <by>`, or `<ms>` alone, which lets time pass. What is written is taken by
 * the system at once, unless `reading` is false.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { KeepaliveConnectionMachine } from "../../keepalive/connection_machine.ts";
import type { KeepaliveInput, KeepaliveOutput } from "../../keepalive/inputs.ts";
import type { KeepaliveTiming } from "../../keepalive/options.ts";
import { ToldStory } from "../support/story.ts";

/** One connection. */
export class ConnectionStory
  extends ToldStory<KeepaliveInput, KeepaliveOutput, KeepaliveConnectionMachine> {
  /** Whether the system takes what is written. */
  reading = true;

  /** A client that sends `payload`; a server if that is `undefined`. */
  constructor(timing: KeepaliveTiming = {}, payload?: string) {
    const environment = { connection: 1, remote: { server: "P" } };
    super(new KeepaliveConnectionMachine({ ...timing, payload }, environment, 0));
  }

  /** When the connection was declared over, with its reason; `undefined` if it was not. */
  get end(): string | undefined {
    return this.log.find((line) => line.includes(" over: "));
  }

  protected act(what: string, rest: string): void {
    this.give(inputOf(what, rest));
  }

  protected perform(output: KeepaliveOutput): void {
    this.log.push(`${this.now} ${lineOf(output)}`);
    if (output.type === "send" && this.reading) {
      this.machine.handle({ type: "drained", connection: 1, unsent: 0 }, this.now);
    }
  }
}

function inputOf(what: string, rest: string): KeepaliveInput {
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
    case "held":
    case "write-failed":
      return { type: what, connection: 1 };
    case "ends":
    case "breaks":
      return { type: "ended", connection: 1, reason: what === "ends" ? "end" : "reset" };
    default:
      assertEquals(what, "stops");
      return { type: "stop" };
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
