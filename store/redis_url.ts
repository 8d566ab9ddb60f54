/**
 * How a Redis is named.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import { HeartlineError } from "../core/errors.ts";

/** What a URL says. Only `address` and `shown` may be told to anybody. */
export interface RedisUrl {
  /** Where Redis listens. */
  readonly address: Address;
  /** Whether it is spoken to by TLS. */
  readonly tls: boolean;
  /** Empty for the default user. */
  readonly username: string;
  /** Empty for none. */
  readonly password: string;
  /** The number of the database. */
  readonly database: number;
  /** What every key begins with. */
  readonly prefix: string;
  /** The URL without user and password. */
  readonly shown: string;
}

/**
 * Reads `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=PREFIX]`, or `rediss://` for TLS. The port
 * is 6379, the database 0 and the prefix `heartline:` unless it says otherwise.
 *
 * @throws {HeartlineError} `invalid-option`; the message does not repeat the URL, which may hold a
 * password
 */
export function readRedisUrl(url: string): RedisUrl {
  const { protocol = "", hostname = "", port, pathname = "", ...rest } = parsed(url) ?? {};
  const [username, password] = [decoded(rest.username), decoded(rest.password)];
  const known = /^rediss?:$/.test(protocol) && hostname && /^(\/\d{0,5})?$/.test(pathname) &&
    !rest.hash && username !== undefined && password !== undefined;
  if (!known) throw new HeartlineError("invalid-option", `Cannot use URL: wanted ${WANTED}`);
  const address = {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port ? Number(port) : 6379,
  };
  const database = Number(pathname.slice(1));
  const prefix = prefixIn(rest.search!);
  const query = prefix === PREFIX ? "" : `?prefix=${prefix}`;
  return {
    ...{ address, tls: protocol === "rediss:", username, password, database, prefix },
    shown: `${protocol}//${formatAddress(address)}/${database}${query}`,
  };
}

/** Its characters mean nothing in a pattern of keys, and no braces: those of our keys choose the slot. */
function prefixIn(search: string): string {
  if (search === "") return PREFIX;
  const given = [...new URLSearchParams(search)];
  const [name, prefix] = given[0] ?? [];
  if (given.length === 1 && name === "prefix" && /^[\w.:/-]{1,64}$/.test(prefix!)) return prefix!;
  throw new HeartlineError(
    "invalid-option",
    "Cannot use URL: wanted nothing behind ? but prefix=PREFIX, with 1 to 64 letters, digits and _ . : / -",
  );
}

function parsed(url: string): Partial<URL> | undefined {
  try {
    const { protocol, hostname, port, pathname, username, password, search, hash } = new URL(url);
    return { protocol, hostname, port, pathname, username, password, search, hash };
  } catch {
    return undefined;
  }
}

/** What a URL writes as `%40` and so on; `undefined` if it cannot be read. */
function decoded(text = ""): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const PREFIX = "heartline:";
const WANTED =
  "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=PREFIX], or rediss:// for TLS";
