/**
 * A proxy machine told as a story in virtual time: who sends what when, and what arrives where.
 *
 * @module
 */
import type { ProxyInput, ProxyOutput } from "../../proxy/inputs.ts";
import type { Direction } from "../../proxy/faults.ts";
import { ProxyMachine } from "../../proxy/machine.ts";
import type { ProxyMachineOptions } from "../../proxy/options.ts";
import { Story } from "../support/story.ts";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("latin1");

/** A client of the story. */
export const CLIENT = { hostname: "10.0.0.1", port: 5001 };

/** A proxy from instant 0 on. Receivers take everything at once. */
export class ProxyStory extends Story<ProxyInput, ProxyOutput, ProxyMachine> {
  constructor({ seed = 1, ...options }: ProxyMachineOptions & { seed?: number } = {}) {
    super(new ProxyMachine(options, { seed }));
    this.give({ type: "started" });
  }

  /** Opens a TCP link. */
  open(link = "tcp-1"): this {
    return this.give({ type: "connected", link, client: CLIENT }).give({ type: "reached", link });
  }

  /** Sends text over a TCP link. */
  send(direction: Direction, text: string, link = "tcp-1"): this {
    return this.give({ type: "data", link, direction, bytes: ENCODER.encode(text) });
  }

  /** Sends a datagram from the client. */
  datagram(text: string): this {
    return this.give({ type: "datagram", from: CLIENT, bytes: ENCODER.encode(text) });
  }

  /** Lets time pass. */
  advance(ms: number): this {
    return this.to(this.now + ms);
  }

  /** What arrived in a direction, put together. */
  arrived(direction: Direction): string {
    return this.log.flatMap((line) => {
      const match = /^\S+ \S+ (up|down) '(.*)'$/s.exec(line);
      return match?.[1] === direction ? [match[2]!] : [];
    }).join("");
  }

  /** The lines since the last call, of which those that hold one of `words`. */
  saidOf(...words: string[]): string[] {
    return this.said().filter((line) => words.some((word) => line.includes(word)));
  }

  protected perform(output: ProxyOutput): void {
    this.log.push(`${+this.now.toFixed(3)} ${lineOf(output)}`);
    if (output.type !== "write") return;
    const { link, direction, bytes: { length } } = output;
    this.give({ type: "written", link, direction, length });
  }
}

function lineOf(output: ProxyOutput): string {
  switch (output.type) {
    case "write":
    case "send":
      return `${output.link} ${output.direction} '${DECODER.decode(output.bytes)}'`;
    case "end":
      return `${output.link} ${output.direction} end`;
    case "fault": {
      if (!("at" in output)) return `${output.link} ${output.fault}`;
      return `${output.link} ${output.direction} ${output.fault} at ${output.at}`;
    }
    case "step":
      return `step ${output.step} ${output.on ? "begins" : "ends"} at ${output.at}`;
    case "step-skipped":
      return `step ${output.step} skipped at ${output.at}`;
    case "disconnected":
      return `${output.link} disconnected: ${output.reason} ${output.up}/${output.down}`;
    case "reset":
      return `${output.link} reset${output.flush ? " behind what was written" : ""}`;
    default:
      return "link" in output ? `${output.link} ${output.type}` : output.type;
  }
}
