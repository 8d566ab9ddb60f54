/**
 * The channels of `node:diagnostics_channel` on which every service speaks, where a runtime has them.
 *
 * This file knows how a channel is found without importing it: this library is also loaded where there
 * is no `node:` module, as in a browser, and is silent there. It does not know what is published.
 *
 * @module
 */
import type { Tagged } from "./event_counts.ts";
import type { Service } from "./service.ts";

/**
 * What a subscriber of `heartline:NAME` gets for each event of a service, NAME being its `name`, as in
 * `heartline:udp-server`.
 *
 * @example
 * ```ts
 * import { channel } from "node:diagnostics_channel";
 * import type { EventMessage } from "@heartline/heartline/core";
 * import { serveUdpHeartbeats, type UdpServerEvent } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: string[] = [];
 * const listen = (message: unknown) => {
 *   const { service, event } = message as EventMessage<UdpServerEvent>;
 *   seen.push(`${service.name} ${event.type}`);
 * };
 * channel("heartline:udp-server").subscribe(listen);
 * await (await serveUdpHeartbeats({ port: 0 })).close();
 * channel("heartline:udp-server").unsubscribe(listen);
 * assertEquals(seen, ["udp-server listening"]);
 * ```
 */
export interface EventMessage<Event extends Tagged = Tagged> {
  /** Who says it. */
  readonly service: Service<Event>;
  /** What it says. */
  readonly event: Event;
}

/**
 * What a subscriber of `heartline:service` gets when a service starts and when it has stopped.
 *
 * @example
 * ```ts
 * import { channel } from "node:diagnostics_channel";
 * import type { ServiceMessage } from "@heartline/heartline/core";
 * import { serveUdpHeartbeats } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: string[] = [];
 * const listen = (message: unknown) => {
 *   const { service, state } = message as ServiceMessage;
 *   seen.push(`${service.name} ${state}`);
 * };
 * channel("heartline:service").subscribe(listen); // every service of this process, whoever starts it
 * await (await serveUdpHeartbeats({ port: 0 })).close();
 * channel("heartline:service").unsubscribe(listen);
 * assertEquals(seen, ["udp-server started", "udp-server closed"]);
 * ```
 */
export interface ServiceMessage {
  /** Which one; while it starts, of its methods only `counters` may be called. */
  readonly service: Service<Tagged>;
  /** What became of it. */
  readonly state: "started" | "closed";
}

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
