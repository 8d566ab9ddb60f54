/**
 * What a server saves, so that the next one goes on where it stopped.
 *
 * It defines the form of the snapshot and checks one that comes from outside; where it is kept is the user's
 * choice.
 *
 * @module
 */
import { parseIpAddress } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import { HeartlineError } from "../core/errors.ts";
import type { ClientState } from "./events.ts";

/** What is saved of one client; lengths of time are milliseconds. */
export interface SavedUdpClient {
  /** Its address as `host:port`. */
  readonly client: string;
  /** Its timeout without grace. */
  readonly timeout: number;
  /** The group it goes down with. */
  readonly group?: string;
  /** Whether it registered itself. */
  readonly automatic: boolean;
  /** Whether it was heard. */
  readonly state: ClientState;
  /** How long it had been silent while servers listened, as far as is known. */
  readonly silentFor: number;
  /** Whether it was not heard since the server started, which excused what time had passed before. @default false */
  readonly excused?: boolean;
  /** How long ago it went down; 0 unless it is down. */
  readonly downFor: number;
  /** False if it is down and nobody has taken that verdict: the next server says it. @default true */
  readonly told?: boolean;
}

/** What a server saves so that its successor neither repeats a `down` nor starts timeouts over. */
export interface UdpServerSnapshot {
  /** The version of this form. */
  readonly version: 1;
  /** When it was saved, in ms since 1970; without it no time counts as passed since. */
  readonly at?: number;
  /** Every watched client. */
  readonly clients: readonly SavedUdpClient[];
}

/**
 * Checks a value that was read from outside, such as a parsed file. JSON writes an infinite timeout as
 * `null`; it becomes infinite again.
 *
 * @throws {HeartlineError} `invalid-option`, naming the first thing that is wrong
 *
 * @example
 * ```ts
 * import { checkUdpServerSnapshot } from "@heartline/heartline/udp";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(checkUdpServerSnapshot({ version: 1, clients: [] }).clients, []);
 * assertThrows(() => checkUdpServerSnapshot({ version: 2 }), Error, "wanted version 1");
 * ```
 */
export function checkUdpServerSnapshot(value: unknown): UdpServerSnapshot {
  const { version, at, clients } = (value ?? {}) as Partial<UdpServerSnapshot>;
  if (version !== 1) throw wrong("version 1", version);
  if (at !== undefined) checkNumber("saved at", at);
  if (!Array.isArray(clients)) throw wrong("a list of clients", clients);
  const checked = clients.map(checkClient);
  const names = new Set(checked.map(({ client }) => client));
  if (names.size < checked.length) throw wrong("each client once", [...names]);
  return { version, ...(at !== undefined && { at }), clients: checked };
}

function checkClient(value: unknown): SavedUdpClient {
  const saved = (value ?? {}) as SavedUdpClient;
  if (typeof saved.client !== "string") throw wrong("an address of each client", saved.client);
  parseIpAddress(saved.client);
  const timeout = saved.timeout === null ? Infinity : checkDuration("saved timeout", saved.timeout);
  checkNumber("saved silentFor", saved.silentFor);
  checkNumber("saved downFor", saved.downFor);
  if (!STATES.has(saved.state)) {
    throw wrong("state waiting, up or down", saved.state);
  }
  if (typeof saved.automatic !== "boolean") throw wrong("automatic true or false", saved.automatic);
  for (const name of ["excused", "told"] as const) {
    if (!["boolean", "undefined"].includes(typeof saved[name])) {
      throw wrong(`${name} true or false`, saved[name]);
    }
  }
  if (!["string", "undefined"].includes(typeof saved.group)) {
    throw wrong("a group name", saved.group);
  }
  return { ...saved, timeout };
}

function wrong(wanted: string, found: unknown): HeartlineError {
  const shown = JSON.stringify(found) ?? "missing";
  return new HeartlineError(
    "invalid-option",
    `Cannot use saved state: wanted ${wanted}, current value is ${shown.slice(0, 60)}`,
  );
}

const STATES: ReadonlySet<ClientState> = new Set<ClientState>(["waiting", "up", "down"]);
