/**
 * Targets made of a decoder, its encoder, and the framer in front of it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Framer } from "../../core/framer.ts";
import { HeartlineError } from "../../core/errors.ts";
import { latin1, type Pick, type Target } from "./target.ts";

/** A decoder of messages; what is no message is `undefined` or a reason. */
export interface Codec<Value extends object> extends Grammar {
  /** Reads the message in `bytes[start..end)`. */
  decode(bytes: Uint8Array, start: number, end: number): Value | string | undefined;
  /** Writes a message; a mark at its end is cut off before it is read again. */
  encode(value: Value): string;
  /** What ends every message of a stream, and how long one is at most; datagrams have neither. */
  readonly framing?: { readonly mark: string; readonly limit: number };
}

type Grammar = Omit<Target, "start" | "cost">;

/**
 * Promises of a decoder: it never throws; it reads only its range and writes nothing; what is encoded
 * from what was decoded comes out the same for ever after.
 */
export function codecTarget<Value extends object>(codec: Codec<Value>): Target {
  return {
    ...codec,
    cost: {
      // Up to the longest message, and far beyond it.
      lengths: [Math.ceil((codec.framing?.limit ?? 64) / 32), 4_096],
      work: (input) => codec.decode(input, 0, input.length),
    },
    start: () => ({
      take(input) {
        const before = input.slice();
        const value = codec.decode(input, 0, input.length);
        assertEquals(input, before, "The decoder wrote into its input");
        assertEquals(decodedWithin(codec, input), value, "The decoder looked beyond its range");
        if (typeof value !== "object") return value ?? "malformed";
        assertFixedPoint(codec, value);
        return classOf(value);
      },
    }),
  };
}

/** Promises of a stream: the same messages come out however it is cut. */
export function streamTarget<Value extends object>(
  codec: Codec<Value> & { framing: NonNullable<Codec<Value>["framing"]> },
): Target {
  return {
    ...codec,
    name: `${codec.name}-stream`,
    cost: {
      lengths: [4_096],
      // In pieces of 64 bytes: what is carried from one to the next must not be looked at again.
      work(input) {
        const framer = new Framer(codec.framing.mark, codec.framing);
        for (let at = 0; at < input.length; at += 64) {
          framer.push(input.subarray(at, at + 64));
          while (framer.next()) codec.decode(framer.bytes, framer.start, framer.end);
        }
      },
    },
    sample: (pick) => Array.from({ length: 1 + pick(3) }, () => codec.sample(pick)).join(""),
    start: () => ({
      take(input, pick) {
        const whole = messages(codec, input, [input.length]);
        const cuts = cutsOf(input.length, pick);
        assertEquals(messages(codec, input, cuts), whole, `Cut at ${cuts}`);
        if (input.length <= LONGEST_BYTEWISE) {
          const everywhere = Array.from(input, (_, i) => i + 1);
          assertEquals(messages(codec, input, everywhere), whole, "Byte by byte");
        }
        return [...new Set(whole.map((message) => message.split(" ", 1)[0]))].slice(0, 2).join(" ");
      },
    }),
  };
}

/** A reader of text from files and command lines, which throws its complaints. */
export interface Reader extends Grammar {
  /** Reads a text. */
  read(text: string): unknown;
}

/** Promises of a reader: it throws `invalid-option` in one line, and nothing else. */
export function readerTarget(reader: Reader): Target {
  const decoder = new TextDecoder();
  return {
    ...reader,
    start: () => ({
      take(input) {
        try {
          return classOf(reader.read(decoder.decode(input)));
        } catch (error) {
          if (!(error instanceof HeartlineError)) throw error;
          assertEquals(error.code, "invalid-option", error.message);
          assert(!error.message.includes("\n"), `More than one line: ${error.message}`);
          // What is wanted, without what was found: complaints of one kind are one class.
          return /wanted [a-z ]*|no such [a-z]*/i.exec(error.message)?.[0].trim() ?? "refused";
        }
      },
    }),
  };
}

function decodedWithin<Value extends object>(codec: Codec<Value>, input: Uint8Array): unknown {
  const padded = new Uint8Array(input.length + 2 * PADDING).fill(DIGIT);
  padded.set(input, PADDING);
  return codec.decode(padded, PADDING, PADDING + input.length);
}

function assertFixedPoint<Value extends object>(codec: Codec<Value>, value: Value): void {
  const { mark = "" } = codec.framing ?? {};
  const encode = (value: Value): Uint8Array => {
    const text = codec.encode(value);
    assert(text.endsWith(mark), `No mark: ${text}`);
    return new TextEncoder().encode(text.slice(0, text.length - mark.length));
  };
  const once = encode(value);
  const again = codec.decode(once, 0, once.length);
  assert(typeof again === "object", `What was encoded is not decoded: ${latin1(once)}`);
  assertEquals(latin1(encode(again)), latin1(once), "Encoding is no fixed point");
  assertEquals(classOf(again), classOf(value));
}

/** What was framed, each message with its class in front, and how it ended. */
function messages<Value extends object>(
  { decode, framing }: Codec<Value> & { framing: NonNullable<Codec<Value>["framing"]> },
  input: Uint8Array,
  cuts: readonly number[],
): string[] {
  const framer = new Framer(framing.mark, framing);
  const found: string[] = [];
  let from = 0;
  for (const to of cuts) {
    // A copy that is overwritten afterwards, as a socket's buffer is.
    const chunk = input.slice(from, to);
    framer.push(chunk);
    while (framer.next()) {
      const value = decode(framer.bytes, framer.start, framer.end);
      found.push(
        typeof value === "object"
          ? `${classOf(value)} ${JSON.stringify(value)}`
          : value ?? "malformed",
      );
    }
    chunk.fill(0);
    from = to;
  }
  return [...found, framer.tooLong ? "too-long" : framer.waiting > 0 ? "waits" : "ends"];
}

function cutsOf(length: number, pick: Pick): number[] {
  const cuts = Array.from({ length: pick(4) }, () => pick(length + 1));
  return [...cuts, length].sort((a, b) => a - b);
}

function classOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value;
  return "type" in value && typeof value.type === "string" ? value.type : "value";
}

const PADDING = 3;
/** A byte that numbers go on with. */
const DIGIT = 0x37;
/** Byte by byte costs a call for each. */
const LONGEST_BYTEWISE = 2_048;
