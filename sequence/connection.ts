/**
 * One connection as the server sees it.
 *
 * This file knows what is remembered of a connection. It does not know what follows from it.
 *
 * @module
 */
import { type Address, formatAddress } from "../core/address.ts";
import type { Slot } from "../core/deadlines.ts";
import type { Framer } from "../core/framer.ts";
import type { LiveSession } from "./live_session.ts";
import type { SequenceConnectionState } from "./states.ts";

/** The record of one connection. */
export class SequenceConnection {
  /** The number its server knows it by. */
  readonly id: number;
  /** The IP address of the client. */
  readonly hostname: string;
  /** Its address as `host:port`. */
  readonly name: string;
  /** Its place in the queue of timers: the HELLO deadline, then heartbeats. */
  readonly slot: Slot;
  /** Cuts its bytes into lines; made for the few whose line was ever cut by a read. */
  framer: Framer | undefined;
  /** How far it is. */
  state: SequenceConnectionState = "new";
  /** The session it carries; none any more when another connection took it over. */
  session: LiveSession | undefined;
  /** Heartbeats in a row without a word. */
  unanswered = 0;
  /** The number of the last PING. */
  pings = 0;

  /** A connection that has said nothing. */
  constructor(id: number, remote: Address, slot: Slot) {
    this.id = id;
    this.hostname = remote.hostname;
    this.name = formatAddress(remote);
    this.slot = slot;
  }
}
