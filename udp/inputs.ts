/**
 * What the machines of UDP heartbeats are told and ask for, beside their events.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { HeartlineError } from "../core/errors.ts";
import type { UdpClientEvent, UdpServerEvent } from "./events.ts";
import type { UdpClientRegistration } from "./options.ts";

/** What a server machine cannot know by itself. */
export interface UdpServerEnvironment {
  /** A whole number that clients cannot know, so that none can choose addresses that slow it down. @default 0 */
  readonly seed?: number;
  /** The present in ms since 1970: a snapshot says when it was taken. @default no time passed since */
  readonly wall?: number;
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

/** What a client machine cannot know by itself. */
export interface UdpClientEnvironment {
  /** Milliseconds until the first burst: at random below the interval, so that clients spread. @default 0 */
  readonly phase?: number;
}

/** What a client machine is told: sending a datagram of that burst failed. */
export interface UdpClientInput {
  /** The tag of this input. */
  readonly type: "failed";
  /** The burst, counted from 1. */
  readonly burst: number;
  /** What went wrong. */
  readonly error: HeartlineError;
}

/** A datagram to send now, or an event. */
export type UdpClientOutput =
  | { readonly type: "send"; readonly sequence: number; readonly burst: number }
  | UdpClientEvent;
