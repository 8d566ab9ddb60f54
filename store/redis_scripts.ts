/**
 * The Lua scripts that keep sessions inside Redis. Each is atomic.
 *
 * ```text
 *   heartline:{session}:ID    hash: seed length epoch next tokenHash previousTokenHash state expiresAt
 *   heartline:{session}:due   sorted set: ID by the time at which `sweep` is to look at it
 *   heartline:{session}:servers   hash: what each server says of itself, by its name
 * ```
 *
 * A URL may say another prefix than `heartline:`.
 *
 * `tokenHash` and `previousTokenHash` hold the hashes of the tokens, never a token.
 *
 * `state` is `open`, `completed`, `expired` or `lapsed`: expired, as far as a sweep can know. The server
 * that holds the session under its epoch knows better, and its next change opens it again: after Redis
 * was away for long, sweeps may come before the renewals that could not be written meanwhile.
 *
 * Every key goes by itself: a session when its tombstone would, the set with its last session. So no
 * script compares a session's time with the clock of Redis, and nothing stays if all servers are gone.
 * The braces put all keys into one slot of a cluster: a session changes together with the set.
 *
 * @module
 */

/** The names of keys. */
export interface RedisKeys {
  /** What the key of every session begins with. */
  readonly session: string;
  /** The sorted set. */
  readonly due: string;
  /** What servers say of themselves. */
  readonly servers: string;
  /** What is made and taken away to see whether Redis can be used. */
  readonly probe: readonly [hash: string, set: string];
}

/** The names of all keys under a prefix. */
export function keysUnder(prefix: string): RedisKeys {
  const session = `${prefix}{session}:`;
  return {
    session,
    due: `${session}due`,
    servers: `${session}servers`,
    probe: [`${session}probe`, `${session}probe-due`],
  };
}

/** The fields of a session, in the order in which they are read and written. */
export const FIELDS: readonly string[] = [
  "seed",
  "length",
  "epoch",
  "next",
  "tokenHash",
  "previousTokenHash",
  "state",
  "expiresAt",
];

/** The name of a script. */
export type ScriptName =
  | "probe"
  | "load"
  | "create"
  | "resume"
  | "progress"
  | "finish"
  | "sweep"
  | "check";

/** Writes when a session is due, and how long its key lives. Of two keys the set lives longer. */
const KEEP = `
local function keep(expires, gone)
  redis.call('HSET', KEYS[1], 'expiresAt', expires)
  redis.call('ZADD', KEYS[2], expires, ARGV[1])
  redis.call('PEXPIREAT', KEYS[1], gone)
  if redis.call('PTTL', KEYS[2]) < redis.call('PTTL', KEYS[1]) then
    redis.call('PEXPIREAT', KEYS[2], gone)
  end
end
`;

/**
 * The scripts. KEYS are the session and the set. Times come as whole milliseconds since 1970. Those that change
 * a session begin with the arguments ID, `expiresAt`, and `gone`, when the key may go.
 */
export const SCRIPTS: Readonly<Record<ScriptName, string>> = {
  /**
   * With the two keys of the probe: does once all that the others do, and leaves nothing behind. An error
   * says why Redis cannot be used, or names every command that is not allowed.
   */
  probe: `
    local failed, denied = nil, {}
    local function try(name, ...)
      local reply = redis.pcall(name, ...)
      if type(reply) ~= 'table' or not reply.err then return end
      if reply.err:find('NOPERM') or reply.err:find("can't run this command") then
        denied[#denied + 1] = name
      else
        failed = failed or reply
      end
    end
    local hash, set = KEYS[1], KEYS[2]
    try('HSET', hash, 'n', 0)
    try('HINCRBY', hash, 'n', 1)
    try('HGET', hash, 'n')
    try('HMGET', hash, 'n')
    try('HGETALL', hash)
    try('TIME')
    try('HDEL', hash, 'none')
    try('PTTL', hash)
    try('ZADD', set, 0, 'n')
    try('ZINCRBY', set, 1, 'n')
    try('ZRANGEBYSCORE', set, 0, 1)
    try('ZREM', set, 'none')
    try('PEXPIREAT', hash, 1)
    try('PEXPIREAT', set, 1)
    try('DEL', hash, set)
    if failed then return failed end
    if #denied > 0 then
      return { err = 'NOPERM this user may not run ' .. table.concat(denied, ', ') }
    end
    return 1`,

  /** With the session alone as KEYS; a replica, which may be behind, is made to refuse by what writes nothing. */
  load: `
    redis.call('HDEL', KEYS[1], 'none')
    return redis.call('HMGET', KEYS[1], ${FIELDS.map((field) => `'${field}'`).join(", ")})`,

  /** ID expiresAt gone, then the fields but the last. */
  create: `${KEEP}
    redis.call('HSET', KEYS[1], ${
    FIELDS.slice(0, -1).map((field, n) => `'${field}', ARGV[${n + 4}]`).join(", ")
  })
    keep(ARGV[2], ARGV[3])
    return 1`,

  /** ID expiresAt gone epoch tokenHash previousTokenHash. */
  resume: `${KEEP}
    local found = redis.call('HMGET', KEYS[1], 'state', 'epoch')
    if found[1] ~= 'open' or found[2] ~= ARGV[4] then return 0 end
    redis.call('HINCRBY', KEYS[1], 'epoch', 1)
    redis.call('HSET', KEYS[1], 'tokenHash', ARGV[5], 'previousTokenHash', ARGV[6])
    keep(ARGV[2], ARGV[3])
    return 1`,

  /** ID expiresAt gone epoch next confirmed. */
  progress: `${KEEP}
    local found = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'next')
    if found[1] ~= 'open' and found[1] ~= 'lapsed' or found[2] ~= ARGV[4] then return 0 end
    if tonumber(ARGV[5]) > tonumber(found[3]) then
      redis.call('HSET', KEYS[1], 'next', ARGV[5])
    end
    if ARGV[6] == 'true' then redis.call('HSET', KEYS[1], 'previousTokenHash', '') end
    redis.call('HSET', KEYS[1], 'state', 'open')
    keep(ARGV[2], ARGV[3])
    return 1`,

  /** ID expiresAt gone epoch state; the two times are the same. */
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

  /**
   * With the marks of servers alone as KEYS: name, ms that its clock is ahead or nothing, window, life of a
   * mark. Says the time, the `maxmemory-policy` if this user may ask for it, and the marks of all others.
   */
  check: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local stamp = string.format('%.0f', now)
    local info = redis.pcall('INFO', 'memory')
    local policy = type(info) == 'string' and info:match('maxmemory_policy:([%w-]+)')
    local answer = {stamp, policy or ''}
    local marks = redis.call('HGETALL', KEYS[1])
    for n = 1, #marks, 2 do
      local ahead, window, seen = marks[n + 1]:match('^(%S+) (%S+) (%d+)$')
      if not seen or now - seen > tonumber(ARGV[4]) then
        redis.call('HDEL', KEYS[1], marks[n])
      elseif marks[n] ~= ARGV[1] then
        answer[#answer + 1] = ahead
        answer[#answer + 1] = window
      end
    end
    if ARGV[2] ~= '' then
      redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. stamp)
    end
    redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', now + ARGV[4]))
    return answer`,
};
