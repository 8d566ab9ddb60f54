/**
 * Faults at the touch of a key while the proxy runs.
 *
 * @module
 */
import process from "node:process";
import type { ProxyTransport } from "../../proxy/effects.ts";
import type { Faults } from "../../proxy/faults.ts";
import type { FaultProxy } from "../../proxy/server.ts";

/** What each key does, in the order of the list. */
export const KEYS: Readonly<Record<string, string>> = {
  r: "reset every link",
  f: "end every link (FIN)",
  u: "blackhole up, on and off",
  d: "blackhole down, on and off",
  b: "blackhole both ways, on and off",
  l: "100 ms more latency",
  s: "refuse new connections, on and off",
  c: "cut: drop every link, refuse new ones",
  h: "heal: take new links again",
  n: "no faults",
  q: "quit",
};

/** The keys that do something to what a proxy carries. */
export function keysOf(transport: ProxyTransport): Readonly<Record<string, string>> {
  const does = ([key]: [string, string]): boolean => transport !== "udp" || !OF_TCP.includes(key);
  return Object.fromEntries(Object.entries(KEYS).filter(does));
}

/** The list that is printed at the start. */
export function keysText(keys: Readonly<Record<string, string>>): string {
  return ["Keys:", ...Object.entries(keys).map((row) => `  ${row.join("  ")}`)].join("\n");
}

/** Does what a key stands for; false if it stands for nothing. */
export function pressed(key: string, proxy: FaultProxy, quit: () => void): boolean {
  if (proxy.transport === "udp" && OF_TCP.includes(key)) return false;
  const faults = proxy.given;
  switch (key) {
    case "r":
      proxy.inject("reset");
      return true;
    case "f":
      proxy.inject("fin");
      return true;
    case "u":
    case "d":
    case "b":
      proxy.set(toggled(faults, key));
      return true;
    case "l":
      proxy.set({ ...faults, latency: (faults.latency ?? 0) + LATENCY });
      return true;
    case "s":
      proxy.set({ ...faults, refuse: faults.refuse === 1 ? 0 : 1 });
      return true;
    case "c":
      proxy.cut();
      return true;
    case "h":
      proxy.heal();
      return true;
    case "n":
      proxy.set({});
      return true;
    case "q":
    case CTRL_C:
      quit();
      return true;
  }
  return false;
}

/**
 * Hands over every key that is typed: one by one on a terminal, which needs no Enter then, and letter
 * by letter of what comes through a pipe.
 *
 * @returns what gives the terminal back
 */
export function readKeys(press: (key: string) => void): () => void {
  const input = process.stdin;
  const raw = input.isTTY === true;
  if (raw) input.setRawMode(true);
  const take = (bytes: Uint8Array): void => {
    for (const byte of bytes) {
      const key = String.fromCharCode(byte);
      if (!/\s/.test(key)) press(key);
    }
  };
  input.on("data", take);
  // Nobody may be there to type.
  input.on("error", () => {});
  return () => {
    input.off("data", take);
    if (raw) input.setRawMode(false);
    input.pause();
  };
}

function toggled(faults: Faults, key: "u" | "d" | "b"): Faults {
  const { blackhole, up, down, ...rest } = faults;
  const on = {
    up: up?.blackhole ?? blackhole ?? false,
    down: down?.blackhole ?? blackhole ?? false,
  };
  const both = !(on.up && on.down);
  return {
    ...rest,
    up: { ...up, blackhole: key === "b" ? both : key === "u" ? !on.up : on.up },
    down: { ...down, blackhole: key === "b" ? both : key === "d" ? !on.down : on.down },
  };
}

/** Keys that do nothing to datagrams. */
const OF_TCP = "rfs";
const LATENCY = 100;
const CTRL_C = "\x03";
