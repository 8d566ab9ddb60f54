/**
 * Addresses: one end of a socket, its text form, and a map keyed by it.
 *
 * This file knows how an address is written and looked up. It does not resolve names.
 *
 * @module
 */
import { HeartlineError } from "./errors.ts";

/** An IP address or host name and a port: the address of a UDP or TCP socket. */
export interface Address {
  /** An IPv4 or IPv6 address, or a name where one may be resolved. */
  readonly hostname: string;
  /** 0..65535; 0 asks the system for a free port. */
  readonly port: number;
}

/**
 * Writes an address as `host:port`, with brackets around an IPv6 host.
 *
 * @example
 * ```ts
 * import { formatAddress } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatAddress({ hostname: "10.0.0.7", port: 5001 }), "10.0.0.7:5001");
 * assertEquals(formatAddress({ hostname: "::1", port: 5001 }), "[::1]:5001");
 * ```
 */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * Reads `host:port` or `[ipv6]:port`.
 *
 * @throws {HeartlineError} `invalid-option` if the text has another form or the port is not 0..65535
 *
 * @example
 * ```ts
 * import { parseAddress } from "@heartline/heartline/core";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseAddress("10.0.0.7:5001"), { hostname: "10.0.0.7", port: 5001 });
 * assertEquals(parseAddress("[::1]:5001"), { hostname: "::1", port: 5001 });
 * assertThrows(() => parseAddress("10.0.0.7"), Error, "wanted HOST:PORT");
 * ```
 */
export function parseAddress(text: string): Address {
  const match = ADDRESS.exec(text);
  const port = Number(match?.[3]);
  if (match && port <= MAX_PORT) return { hostname: (match[1] ?? match[2])!, port };
  throw new HeartlineError(
    "invalid-option",
    `Cannot use address: wanted HOST:PORT with a port in 0..${MAX_PORT}, current value is ${text}`,
  );
}

/**
 * Reads `ip:port` or `[ipv6]:port`: the address that a packet comes from, which is never a name.
 *
 * @throws {HeartlineError} `invalid-option`, also if the host is a name
 *
 * @example
 * ```ts
 * import { parseIpAddress } from "@heartline/heartline/core";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseIpAddress("10.0.0.7:5001"), { hostname: "10.0.0.7", port: 5001 });
 * assertThrows(() => parseIpAddress("localhost:5001"), Error, "wanted an IP address");
 * ```
 */
export function parseIpAddress(text: string): Address {
  const address = parseAddress(text);
  if (address.hostname.includes(":") || IPV4.test(address.hostname)) return address;
  throw new HeartlineError(
    "invalid-option",
    `Cannot use address: wanted an IP address and a port, current value is ${text}`,
  );
}

/**
 * Writes an IPv6 address as the system writes it, so that the two can be compared; any other host stays
 * as it is.
 *
 * @example
 * ```ts
 * import { canonicalHost } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(canonicalHost("0:0:0:0:0:0:0:1"), "::1");
 * assertEquals(canonicalHost("10.0.0.7"), "10.0.0.7");
 * ```
 */
export function canonicalHost(hostname: string): string {
  if (!hostname.includes(":") || hostname.includes("%")) return hostname;
  return new URL(`http://[${hostname}]`).hostname.slice(1, -1);
}

/**
 * Any free port of the local address that datagrams to `peer` leave from: the loopback for a peer on
 * it, every address otherwise.
 *
 * @example
 * ```ts
 * import { anyPortTowards } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const peer = { hostname: "192.0.2.7", port: 6500 };
 * assertEquals(anyPortTowards(peer), { hostname: "0.0.0.0", port: 0 });
 * ```
 */
export function anyPortTowards({ hostname }: Address): Address {
  const six = hostname.includes(":");
  if (hostname === "::1" || hostname.startsWith("127.")) return { hostname, port: 0 };
  return { hostname: six ? "::" : "0.0.0.0", port: 0 };
}

/**
 * A map keyed by address that builds no key: a lookup costs two hash look-ups and no string, which
 * matters once per datagram.
 *
 * @example
 * ```ts
 * import { AddressMap } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const names = new AddressMap<string>();
 * names.set({ hostname: "10.0.0.7", port: 5001 }, "door sensor");
 * assertEquals(names.get({ hostname: "10.0.0.7", port: 5001 }), "door sensor");
 * assertEquals(names.size, 1);
 * ```
 */
export class AddressMap<Value> {
  readonly #hosts = new Map<string, Host<Value>>();
  #size = 0;

  /** How many addresses are in the map. */
  get size(): number {
    return this.#size;
  }

  /** The value at an address, or `undefined`. */
  get({ hostname, port }: Address): Value | undefined {
    const host = this.#hosts.get(hostname);
    if (host instanceof Map) return host.get(port);
    return host?.port === port ? host.value : undefined;
  }

  /** Puts a value at an address, in place of the one that was there. */
  set({ hostname, port }: Address, value: Value): void {
    const host = this.#hosts.get(hostname);
    if (host instanceof Map) {
      this.#size += host.has(port) ? 0 : 1;
      host.set(port, value);
    } else if (!host || host.port === port) {
      this.#size += host ? 0 : 1;
      this.#hosts.set(hostname, { port, value });
    } else {
      this.#size++;
      this.#hosts.set(hostname, new Map([[host.port, host.value], [port, value]]));
    }
  }

  /** Removes an address and says whether it was there. */
  delete({ hostname, port }: Address): boolean {
    const host = this.#hosts.get(hostname);
    const several = host instanceof Map;
    if (several ? !host.delete(port) : host?.port !== port) return false;
    this.#size--;
    if (!several || host.size === 0) this.#hosts.delete(hostname);
    return true;
  }

  /** All values, grouped by host. */
  *values(): Generator<Value, void, undefined> {
    for (const host of this.#hosts.values()) {
      if (host instanceof Map) yield* host.values();
      else yield host.value;
    }
  }
}

/** The ports of one host. Most have one, for which a map would take four times the memory. */
type Host<Value> = { readonly port: number; readonly value: Value } | Map<number, Value>;

const MAX_PORT = 65_535;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const ADDRESS = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:[\]]+)):(\d{1,5})$/;
