/**
 * How an application answers DATA.
 *
 * @module
 */
import { escapePayload } from "./message.ts";
import { completed, type KeepaliveTiming } from "./options.ts";

/**
 * Makes the payload of the REPLY to a DATA, now or later; `undefined` sends none. If it throws, or gives what is
 * no payload, its connection ends with the reason `user-code`, and all others go on.
 */
export type KeepaliveReplier = (
  payload: string,
  from: string,
) => string | undefined | Promise<string | undefined>;

/** What becomes of a question to the application. */
export interface Answering {
  /** It gave this answer. */
  send(reply: string): void;
  /** It gave none that can be sent; `message` says why. */
  failed(message: string): void;
}

/** Asks `reply` and hands its answer on, now or when it comes. */
export function replyTo(
  reply: KeepaliveReplier | undefined,
  payload: string,
  from: string,
  answering: Answering,
): void {
  const failed = (error: unknown): void => answering.failed(messageOf(error));
  const take = (answer: string | undefined): void => {
    try {
      if (answer !== undefined) escapePayload(checked(answer));
    } catch (error) {
      return failed(error);
    }
    if (answer !== undefined) answering.send(answer);
  };
  let answer: ReturnType<KeepaliveReplier>;
  try {
    answer = reply ? reply(payload, from) : payload;
  } catch (error) {
    return failed(error);
  }
  if (typeof answer === "object") void Promise.resolve(answer).then(take, failed);
  else take(answer);
}

/** How long reading may be held back: too short to make a peer look silent. */
export function holdOf(timing: KeepaliveTiming): number {
  return Math.min(LONGEST_HOLD, completed(timing).heartBeatThreshold / 2);
}

/** The compiler knows, and JavaScript does not. */
function checked(answer: unknown): string {
  if (typeof answer === "string") return answer;
  throw new Error(`wanted text or undefined of reply, current value is ${answer}`);
}

/** One line of what the application threw, which may be anything. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0]!;
}

/** A peer that reads takes a slice's answers in well under a second. */
const LONGEST_HOLD = 1_000;
