/**
 * How a Redis is named.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { HeartlineError } from "../core/errors.ts";

/** What a URL says, as far as it may be shown. */
export interface RedisUrl {
  /** Where Redis listens. */
  readonly address: Address;
  /** The URL without user and password. */
  readonly shown: string;
}

/**
 * Reads `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` for TLS. The port is 6379 and
 * the database 0 unless it says otherwise.
 *
 * @throws {HeartlineError} `invalid-option`; the message does not repeat the URL, which may hold a
 * password
 */
export function readRedisUrl(url: string): RedisUrl {
  const { protocol, hostname, port, pathname, search, hash } = parsed(url) ?? {};
  const known = (protocol === "redis:" || protocol === "rediss:") && hostname &&
    /^(\/\d{0,5})?$/.test(pathname!) && !search && !hash;
  if (!known) throw new HeartlineError("invalid-option", `Cannot use URL: wanted ${WANTED}`);
  const address = {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port ? Number(port) : 6379,
  };
  const database = Number(pathname!.slice(1));
  return { address, shown: `${protocol}//${formatAddress(address)}/${database}` };
}

function parsed(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

const WANTED = "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS";
