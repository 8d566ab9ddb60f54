import { assertEquals, assertThrows } from "@std/assert";
import {
  anyPortTowards,
  canonicalHost,
  formatAddress,
  parseAddress,
  parseIpAddress,
} from "../../core/address.ts";
import { HeartlineError } from "../../core/errors.ts";

const WRITTEN: [text: string, hostname: string, port: number][] = [
  ["127.0.0.1:6500", "127.0.0.1", 6500],
  ["localhost:0", "localhost", 0],
  ["a.example.org:65535", "a.example.org", 65535],
  ["[::1]:5001", "::1", 5001],
  ["[fe80::1%eth0]:1", "fe80::1%eth0", 1],
  ["[::ffff:10.0.0.7]:80", "::ffff:10.0.0.7", 80],
];

for (const [text, hostname, port] of WRITTEN) {
  Deno.test(`${text} is read and written back`, { permissions: "none" }, () => {
    assertEquals(parseAddress(text), { hostname, port });
    assertEquals(formatAddress({ hostname, port }), text);
  });
}

const REFUSED = ["", "10.0.0.7", ":6500", "::1:6500", "[::1]", "[]:1", "a:65536", "a:-1", "a:1.5"];

for (const text of [...REFUSED, "a b:1", "a:1 ", "a:1\n", "a:123456"]) {
  Deno.test(`${JSON.stringify(text)} is no address`, { permissions: "none" }, () => {
    // On one line, whatever was given.
    const shown = text.replace("\n", "\\u000a");
    const error = assertThrows(() => parseAddress(text), HeartlineError, `value is ${shown}`);
    assertEquals(error.code, "invalid-option");
  });
}

for (const text of ["localhost:5001", "10.0.0:5001", "device-7:1", "10.0.0.7"]) {
  Deno.test(`${text} is not where a packet comes from`, { permissions: "none" }, () => {
    assertThrows(() => parseIpAddress(text), HeartlineError, "wanted");
  });
}

/** Each row: how somebody writes a host, and how the system does. */
const HOSTS: readonly (readonly [string, string])[] = [
  ["0:0:0:0:0:0:0:1", "::1"],
  ["2001:DB8::0:7", "2001:db8::7"],
  ["fe80::1%eth0", "fe80::1%eth0"],
  ["10.0.0.7", "10.0.0.7"],
  ["device-7", "device-7"],
];

for (const [written, canonical] of HOSTS) {
  Deno.test(`the system writes ${written} as ${canonical}`, { permissions: "none" }, () => {
    assertEquals(canonicalHost(written), canonical);
  });
}

/** Each row: where datagrams go, and the local address that they leave from. */
const TOWARDS: readonly (readonly [string, string])[] = [
  ["127.0.0.1", "127.0.0.1"],
  ["127.1.2.3", "127.1.2.3"],
  ["10.0.0.7", "0.0.0.0"],
  ["::1", "::1"],
  ["2001:db8::7", "::"],
];

for (const [hostname, local] of TOWARDS) {
  Deno.test(`what goes to ${hostname} leaves from ${local}`, { permissions: "none" }, () => {
    assertEquals(anyPortTowards({ hostname, port: 9 }), { hostname: local, port: 0 });
  });
}
