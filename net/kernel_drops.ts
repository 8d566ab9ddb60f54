/**
 * How many datagrams the kernel threw away at one of our own ports.
 *
 * Linux says it in /proc/net/udp. The adapter reads the file, because Deno would load 3.5 MiB of its own
 * for `node:fs`.
 *
 * @module
 */
import type { Address } from "../core/address.ts";

/**
 * Reads the `drops` column of every socket bound to `port`, from the text of `/proc/net/udp`
 * (format: Linux `Documentation/networking/proc_net_udp.rst`).
 */
export function dropsOfPort(table: string, port: number): number | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let drops: number | undefined;
  for (const line of table.split("\n")) {
    const columns = line.trim().split(/\s+/);
    if (!columns[1]?.endsWith(suffix)) continue;
    drops = (drops ?? 0) + Number(columns[12]);
  }
  return drops;
}

/**
 * The kernel's own count for a local port, `undefined` where it cannot be read: outside Linux, and
 * on Deno without `--allow-all`, which it demands for files under /proc.
 */
export function kernelDrops(
  { hostname, port }: Address,
  read: (file: string) => string,
): number | undefined {
  try {
    const file = hostname.includes(":") ? "/proc/net/udp6" : "/proc/net/udp";
    return dropsOfPort(read(file), port);
  } catch {
    return undefined;
  }
}
