/**
 * How an application answers DATA.
 *
 * @module
 */
import { escapePayload } from "./message.ts";
import { completed, type KeepaliveTiming } from "./options.ts";

/**
 * Makes the payload of the REPLY to a DATA, now or later; `undefined` sends none. What it throws comes
 * out of the service's iteration, which ends.
 */
export type KeepaliveReplier = (
  payload: string,
  from: string,
) => string | undefined | Promise<string | undefined>;

/** Asks `reply` and hands its answer on; returns a promise if the answer comes later. */
export function replyTo(
  reply: KeepaliveReplier | undefined,
  payload: string,
  from: string,
  send: (reply: string) => void,
): Promise<void> | undefined {
  const answer = reply ? reply(payload, from) : payload;
  if (answer instanceof Promise) {
    return answer.then((later) => later === undefined ? undefined : send(checked(later)));
  }
  if (answer !== undefined) send(checked(answer));
  return undefined;
}

/** How long reading may be held back: too short to make a peer look silent. */
export function holdOf(timing: KeepaliveTiming): number {
  return Math.min(LONGEST_HOLD, completed(timing).heartBeatThreshold / 2);
}

/** Throws here, at the application's answer, what would else be thrown in a machine. */
function checked(answer: string): string {
  escapePayload(answer);
  return answer;
}

/** A peer that reads takes a slice's answers in well under a second. */
const LONGEST_HOLD = 1_000;
