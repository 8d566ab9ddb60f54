/**
 * The channels of `node:diagnostics_channel` on which every service speaks, where a runtime has them.
 *
 * A channel is found without an import, because this library is also loaded where there is no `node:`
 * module, as in a browser. There it is silent.
 *
 * @module
 */

/** The part of a channel of `node:diagnostics_channel` that this library needs. */
export interface DiagnosticsChannel {
  /** Whether publishing is worth making a message. */
  readonly hasSubscribers: boolean;
  /** Calls the subscribers; what they throw does not come back. */
  publish(message: unknown): void;
  /** Calls `subscriber` for what is published from now on. */
  subscribe(subscriber: (message: unknown) => void): void;
  /** Calls it no more. */
  unsubscribe(subscriber: (message: unknown) => void): void;
}

/**
 * The channel `heartline:<name>`; `undefined` where the runtime has none.
 *
 * @example
 * ```ts
 * import { diagnosticsChannel } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const heard: unknown[] = [];
 * const channel = diagnosticsChannel("my-service"); // undefined where there are no channels
 * channel?.subscribe((message) => heard.push(message));
 * if (channel?.hasSubscribers) channel.publish({ event: { type: "up" } });
 * assertEquals(heard, [{ event: { type: "up" } }]);
 * ```
 */
export function diagnosticsChannel(name: string): DiagnosticsChannel | undefined {
  return CHANNELS?.channel(`heartline:${name}`);
}

/** Deno, Node from 20.16 on, and others that followed; an import would fail where it is missing. */
const CHANNELS = (globalThis as {
  process?: {
    getBuiltinModule?(name: string): { channel(name: string): DiagnosticsChannel } | undefined;
  };
}).process?.getBuiltinModule?.("node:diagnostics_channel");
