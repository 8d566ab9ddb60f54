/**
 * Replies as bytes that share pages.
 *
 * It writes what `formatReply` says, without a string in between.
 *
 * A buffer for each reply would cost a microsecond and ten times what is in it. A page is written once,
 * from its first byte to its last, and goes when the last of its replies is sent.
 *
 * @module
 */
import { type HandshakeReply, MAX_HANDSHAKE_BYTES } from "./message.ts";

/** Writes the replies of one server. */
export class ReplyWriter {
  #page = new Uint8Array(0);
  #used = 0;

  /** The reply without a line feed, in bytes that never change. */
  write(reply: HandshakeReply): Uint8Array {
    if (this.#used + MOST > this.#page.length) {
      this.#page = new Uint8Array(PAGE);
      this.#used = 0;
    }
    const start = this.#used;
    this.#text(reply.type === "ok" ? "OK " : "RESET ");
    this.#text(reply.id);
    if (reply.type === "ok") {
      this.#text(" ");
      this.#text(reply.address.hostname);
      this.#text(" ");
      this.#text(String(reply.address.port));
    }
    return this.#page.subarray(start, this.#used);
  }

  #text(text: string): void {
    const page = this.#page;
    let at = this.#used;
    for (let i = 0; i < text.length; i++) page[at++] = text.charCodeAt(i);
    this.#used = at;
  }
}

/** Some 2,000 replies. */
const PAGE = 65_536;
/** The longest reply, should a zone of any length follow an IPv6 address. */
const MOST = 2 * MAX_HANDSHAKE_BYTES;
