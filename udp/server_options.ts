/**
 * What a UDP heartbeat server is given to start with, and what it is told later.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { UdpServerEvent } from "./events.ts";
import type { UdpServerSnapshot } from "./server_snapshot.ts";

/** One client to watch. */
export interface UdpClientRegistration {
  /** Where its heartbeats come from: an IP address and a port, as `ip:port`. */
  readonly address: string;
  /** Milliseconds without a heartbeat until it is down; any length works. */
  readonly timeout: number;
  /** Clients of one group that go down together are said in one event. */
  readonly group?: string;
}

/** What a server watches and how. */
export interface UdpServerMachineOptions {
  /** The clients watched from the start. @default [] */
  clients?: readonly UdpClientRegistration[];
  /** Watch any address from its first heartbeat on, with this timeout in ms. @default off */
  autoRegisterTimeout?: number;
  /** Added to every timeout, in ms, so that a hair's breadth is no `down`. @default 0 */
  grace?: number;
  /** How long the first silent client of a group waits for the others, in ms. @default 5000 */
  groupWait?: number;
  /** Addresses watched at most; further ones are rejected. @default 100_000 */
  maxClients?: number;
  /** Automatic registrations end after so long in `down`, in ms. @default 86_400_000 */
  forgetAfter?: number;
  /** Emit a `beat` event for each heartbeat; off, none is allocated. @default false */
  emitBeats?: boolean;
  /** What an earlier server knew when it stopped, from `UdpServerMachine.snapshot`. */
  snapshot?: UdpServerSnapshot;
}

/** What a server machine is told. */
export type UdpServerInput =
  /** A datagram arrived; `wall` is ms since 1970. */
  | {
    readonly type: "datagram";
    readonly bytes: Uint8Array;
    readonly from: Address;
    readonly wall: number;
  }
  /** Watch a client, or give a watched one another timeout. */
  | { readonly type: "register"; readonly client: UdpClientRegistration }
  /** Watch a client no more. */
  | { readonly type: "unregister"; readonly address: string }
  /** The kernel's count of datagrams it threw away, ever. */
  | { readonly type: "kernel-drops"; readonly total: number };

/** An event, or the wish to be told the kernel's drop count. */
export type UdpServerOutput = UdpServerEvent | { readonly type: "count-drops" };
