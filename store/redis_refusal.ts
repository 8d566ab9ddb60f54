/**
 * Errors that Redis answers, read: which say something of one call, and which of Redis itself.
 *
 * *Not this one, or not now.* A Redis that was demoted to a replica, that loads its data, has no slot, no
 * replicas, no memory or no disk refuses every call of a kind, and may do so for ever. Behind its name there
 * may be another one by now. So such an answer counts as a connection that is lost.
 *
 * *Not you.* A password, or a right, is wrong or missing. Somebody must change it, here or there.
 *
 * ```text
 *   READONLY You can't write against a read only replica. script: 792103e0..., on @user_script:1.
 *   ERR Error running script (call to f_7921...): @user_script:1: @user_script: 1: -READONLY You can't ...
 * ```
 *
 * The second is how versions before 7 say what a script met.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { type ErrorCode, HeartlineError } from "../core/errors.ts";

/** An answer after which this connection is of no use. */
export interface RedisRefusal {
  /** The code of the error that tells it. */
  readonly code: ErrorCode;
  /** One line, without a secret. */
  readonly reason: string;
  /** The Redis that has our keys, if it was named. */
  readonly elsewhere?: Address;
}

/**
 * What an error says about Redis as a whole; `undefined` if it is about one call, or did not come from Redis.
 *
 * @param asked where Redis was asked: it may name another one on the same host by its port alone
 */
export function readRefusal(error: unknown, asked: Address): RedisRefusal | undefined {
  const text = withoutScript(error instanceof Error ? error.message : "");
  const denied = DENIALS.find(([form]) => form.test(text));
  if (denied) return { code: "permission-denied", reason: denied[1] || text };
  const [, word = "", moved] = AWAY.exec(text) ?? [];
  if (!word) return undefined;
  const elsewhere = word === "MOVED" ? addressIn(moved!, asked) : undefined;
  return { code: "io", reason: text, ...(elsewhere && { elsewhere }) };
}

/** The error that a refusal is told as; the answer itself, which may repeat a secret, is left out. */
export function refusalError(where: string, { code, reason }: RedisRefusal): HeartlineError {
  return new HeartlineError(code, `Cannot use Redis at ${where}: ${reason}`);
}

/** What a call inside a script met is what matters, not the script. */
function withoutScript(message: string): string {
  return message.split("\n", 1)[0]!
    .replace(/^ERR Error running script .*?: ?-(?=[A-Z]+ )/, "")
    .replace(/ script: [0-9a-f]{40}, on @user_script:\d+\.?$/, "");
}

/** `MOVED 3999 10.0.0.7:6381`: a host may have colons, and none is the one that was asked. */
function addressIn(text: string, { hostname }: Address): Address | undefined {
  const [, host, port] = /^\d+ (.*):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || host === "?") return undefined;
  return { hostname: host || hostname, port: Number(port) };
}

/** What Redis can or will not do now, whoever asks for whatever. */
const AWAY =
  /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|NOREPLICAS|MISCONF|OOM|BUSY) (.*)/;

/** Each form of a denial, and what it is told as; nothing is as Redis says it. */
const DENIALS: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH /, "It wants a password, and the URL has none, or none that is still valid (NOAUTH)"],
  [/^(WRONGPASS |ERR invalid password)/, "The user or the password is wrong (WRONGPASS)"],
  [/^ERR .*\bAUTH\b.*without any password/, "The URL has a password, and Redis has none (AUTH)"],
  [/^ERR Client sent AUTH/, "The URL has a password, and Redis has none (AUTH)"],
  // This one repeats what AUTH was sent with.
  [/^ERR unknown command.*\bauth\b/i, "The URL has a password, and Redis does not know AUTH"],
  [/^NOPERM /, ""],
  [/^ERR The user executing the script can't/, ""],
];
