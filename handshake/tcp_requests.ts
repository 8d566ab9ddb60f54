/**
 * Where requests end on TCP connections, and which connections have been silent for too long.
 *
 * This file knows bytes, silences and connections. It does not know leases or sockets.
 *
 * Laws: a request ends at LF, at the end of the stream or after `QUIET` ms without a byte, and nothing
 * else; blank ones are skipped; a connection whose peer asked nothing well formed for `silence` ms is
 * closed, whatever else it sent; when connections are many, the one that was silent for longest makes
 * room for the next, so that silent peers keep nobody out; what one peer sends or leaves out delays no
 * other.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import { Framer } from "../core/framer.ts";
import type { Instant } from "../core/machine.ts";
import { decodeHello, MAX_HANDSHAKE_BYTES, QUIET } from "./message.ts";

/** Limits of TCP peers. */
export interface TcpPeerOptions {
  /**
   * Milliseconds that a TCP peer may go without a well-formed HELLO until its connection is closed. The
   * default is the length of a lease: until then its holder may ask again. @default 30_000
   */
  silence?: number;
  /** Connections at a time at most. @default 10_000 */
  maxConnections?: number;
}

/** A connection and what it has not finished to ask. */
export interface TcpPeer {
  /** Its number, from 1 on. */
  readonly connection: number;
  /** The peer's end. */
  readonly address: Address;
  /** Cuts its bytes into requests. */
  readonly framer: Framer;
  /** When its unfinished request ends. */
  readonly quiet: Slot;
  /** When it was silent for too long. */
  readonly silence: Slot;
  /** It is being closed: what it still sends is not looked at. */
  closing: boolean;
}

/** What a peer asked. */
export interface TcpRequest {
  /** Who asked. */
  readonly peer: TcpPeer;
  /** The id, `undefined` if it is no HELLO. */
  readonly id: string | undefined;
  /** Its length on the wire. */
  readonly byteLength: number;
  /** It ended in LF, as its reply should then. */
  readonly line: boolean;
}

/** What became due: a request that ended by quiet, or a peer that was silent for too long. */
export type TcpDue = TcpRequest | { readonly silent: TcpPeer };

/** Every TCP connection of one server. */
export class TcpRequests {
  /** In the order in which they last asked: the first was silent for longest. */
  readonly #peers = new Map<number, TcpPeer>();
  readonly #deadlines = new Deadlines();
  readonly #owners: TcpPeer[] = [];
  readonly #silence: number;
  readonly #maxConnections: number;

  /**
   * Starts without connections.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: TcpPeerOptions = {}) {
    this.#silence = checkDuration("silence", options.silence ?? 30_000);
    const { maxConnections = 10_000 } = options;
    this.#maxConnections = checkNumber("maxConnections", maxConnections, { min: 1, integer: true });
  }

  /** When `due` is next worth calling. */
  get next(): Instant | undefined {
    return this.#deadlines.next;
  }

  /** Takes a new connection; returns the one that must make room for it, if one must. */
  open(connection: number, address: Address, now: Instant): TcpPeer | undefined {
    let evicted: TcpPeer | undefined;
    if (this.#peers.size >= this.#maxConnections) {
      [evicted] = this.#peers.values();
      this.forget(evicted!.connection);
    }
    const peer: TcpPeer = {
      connection,
      address,
      framer: new Framer("\n", { limit: MAX_HANDSHAKE_BYTES }),
      quiet: this.#deadlines.add(Infinity),
      silence: this.#deadlines.add(now + this.#silence),
      closing: false,
    };
    this.#owners[peer.quiet] = this.#owners[peer.silence] = peer;
    this.#peers.set(connection, peer);
    return evicted;
  }

  /** Takes bytes and calls `take` for each request that ended; returns the peer if it goes too far. */
  read(
    connection: number,
    bytes: Uint8Array,
    now: Instant,
    take: (request: TcpRequest) => void,
  ): TcpPeer | undefined {
    const peer = this.#peers.get(connection);
    if (!peer || peer.closing) return undefined;
    const { framer } = peer;
    framer.push(bytes);
    while (!peer.closing && framer.next()) this.#end(peer, true, take);
    // What it asked may have closed it, and given its places in the queue back.
    if (peer.closing) return undefined;
    if (framer.tooLong) return peer;
    this.#deadlines.arm(peer.quiet, framer.waiting > 0 ? now + QUIET : Infinity);
    return undefined;
  }

  /** The end of the stream ends the request that was not finished. */
  finish(connection: number, take: (request: TcpRequest) => void): void {
    const peer = this.#peers.get(connection);
    if (!peer || peer.closing) return;
    if (peer.framer.rest()) this.#end(peer, false, take);
  }

  /** Notes that a peer asked something well formed. */
  asked(peer: TcpPeer, now: Instant): void {
    this.#deadlines.arm(peer.silence, now + this.#silence);
    this.#peers.delete(peer.connection);
    this.#peers.set(peer.connection, peer);
  }

  /** Calls `take` with everything that is due at `now`, in order. */
  due(now: Instant, take: (due: TcpDue) => void): void {
    for (let slot; (slot = this.#deadlines.expire(now)) !== undefined;) {
      const peer = this.#owners[slot]!;
      if (slot === peer.silence) take({ silent: peer });
      else if (peer.framer.rest()) this.#end(peer, false, take);
    }
  }

  /** Moves every deadline by the time in which our own process did not run. */
  stretch(by: number): void {
    this.#deadlines.stretch(by);
  }

  /** Removes a connection. */
  forget(connection: number): void {
    const peer = this.#peers.get(connection);
    if (!peer) return;
    peer.closing = true;
    this.#peers.delete(connection);
    this.#deadlines.remove(peer.quiet);
    this.#deadlines.remove(peer.silence);
  }

  #end(peer: TcpPeer, line: boolean, take: (request: TcpRequest) => void): void {
    const { bytes, start, end } = peer.framer;
    const blank = end === start || (end - start === 1 && bytes[start] === CARRIAGE_RETURN);
    if (blank) return;
    take({
      peer,
      id: decodeHello(bytes, start, end),
      byteLength: end - start + Number(line),
      line,
    });
  }
}

const CARRIAGE_RETURN = 0x0d;
