/**
 * Addresses: one end of a socket, and its text form.
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

const MAX_PORT = 65_535;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const ADDRESS = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:[\]]+)):(\d{1,5})$/;
