/**
 * The Lua scripts that change sessions inside Redis. Each is atomic.
 *
 * ```text
 *   heartline:{session}:ID    hash: seed length epoch next token previous state expires
 *   heartline:{session}:due   sorted set: ID by the time at which `sweep` is to look at it
 * ```
 *
 * `token` and `previous` hold the hashes of the tokens, never a token. Servers of two versions may share a
 * Redis while they are replaced one by one, so fields keep their names.
 *
 * `state` is `open`, `completed`, `expired` or `lapsed`: expired, as far as a sweep can know. The server
 * that holds the session under its epoch knows better, and its next change opens it again: after Redis
 * was away for long, sweeps may come before the renewals that could not be written meanwhile.
 *
 * Every key goes by itself: a session when its tombstone would, the set with its last session. So no
 * script compares a session's time with the clock of Redis, and nothing stays if all servers are gone.
 * The braces put all keys into one slot of a cluster.
 *
 * @module
 */

/** What the key of every session begins with. */
export const SESSION_KEY = "heartline:{session}:";
/** The key of the sorted set. */
export const DUE_KEY = "heartline:{session}:due";

/** The fields of a session, in the order in which they are read and written. */
export const FIELDS: readonly string[] = [
  "seed",
  "length",
  "epoch",
  "next",
  "token",
  "previous",
  "state",
  "expires",
];

/** The name of a script. */
export type ScriptName = "create" | "resume" | "progress" | "finish" | "sweep";

/** Writes when a session is due, and how long its key lives. Of two keys the set lives longer. */
const KEEP = `
local function keep(expires, gone)
  redis.call('HSET', KEYS[1], 'expires', expires)
  redis.call('ZADD', KEYS[2], expires, ARGV[1])
  redis.call('PEXPIREAT', KEYS[1], gone)
  if redis.call('PTTL', KEYS[2]) < redis.call('PTTL', KEYS[1]) then
    redis.call('PEXPIREAT', KEYS[2], gone)
  end
end
`;

/**
 * The scripts. KEYS are the session and the set. Times come as whole milliseconds since 1970. All but
 * `sweep` begin with the arguments ID, `expires`, and `gone`, when the key may go.
 */
export const SCRIPTS: Readonly<Record<ScriptName, string>> = {
  /** ID expires gone, then the fields but the last. */
  create: `${KEEP}
    redis.call('HSET', KEYS[1], ${
    FIELDS.slice(0, -1).map((field, n) => `'${field}', ARGV[${n + 4}]`).join(", ")
  })
    keep(ARGV[2], ARGV[3])
    return 1`,

  /** ID expires gone epoch token previous. */
  resume: `${KEEP}
    local found = redis.call('HMGET', KEYS[1], 'state', 'epoch')
    if found[1] ~= 'open' or found[2] ~= ARGV[4] then return 0 end
    redis.call('HINCRBY', KEYS[1], 'epoch', 1)
    redis.call('HSET', KEYS[1], 'token', ARGV[5], 'previous', ARGV[6])
    keep(ARGV[2], ARGV[3])
    return 1`,

  /** ID expires gone epoch next confirmed. Says -1 if there is no such session. */
  progress: `${KEEP}
    local found = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'next')
    if not found[1] then return -1 end
    if found[1] ~= 'open' and found[1] ~= 'lapsed' or found[2] ~= ARGV[4] then return 0 end
    if tonumber(ARGV[5]) > tonumber(found[3]) then
      redis.call('HSET', KEYS[1], 'next', ARGV[5])
    end
    if ARGV[6] == 'true' then redis.call('HSET', KEYS[1], 'previous', '') end
    redis.call('HSET', KEYS[1], 'state', 'open')
    keep(ARGV[2], ARGV[3])
    return 1`,

  /** ID expires gone epoch state; the two times are the same. */
  finish: `${KEEP}
    local found = redis.call('HMGET', KEYS[1], 'state', 'epoch')
    if found[1] ~= 'open' and found[1] ~= 'lapsed' or found[2] ~= ARGV[4] then return 0 end
    redis.call('HSET', KEYS[1], 'state', ARGV[5])
    keep(ARGV[2], ARGV[3])
    return 1`,

  /**
   * With the set alone as KEYS: now, life of tombstones, sessions at most, what keys begin with. Says how
   * many sessions it looked at and how many of them expired.
   */
  sweep: `
    local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1],
      'WITHSCORES', 'LIMIT', 0, ARGV[3])
    local expired = 0
    for n = 1, #due, 2 do
      local key = ARGV[4] .. due[n]
      if redis.call('HGET', key, 'state') == 'open' then
        redis.call('HSET', key, 'state', 'lapsed')
        redis.call('ZINCRBY', KEYS[1], ARGV[2], due[n])
        expired = expired + 1
      else
        redis.call('DEL', key)
        redis.call('ZREM', KEYS[1], due[n])
      end
    end
    return {#due / 2, expired}`,
};
