/**
 * What a client may confirm to its server.
 *
 * ```text
 *   taken ──(there is a save)──▶ saving ──▶ saved ──(due)──▶ confirmed ──FIN, equal checksums──▶ the end
 *     └──────(there is none)──────────────────▲
 * ```
 *
 * Laws: a number is confirmed only after the user came back for the next one, and, if there is a
 * `save`, after that; the end is confirmed only if both checksums are equal; what is saved does not wait
 * for what is due.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import { CONFIRM_EVERY, longestWait } from "./ack_rules.ts";
import type { SequenceDigest } from "./checksum.ts";
import type { SequenceSnapshot } from "./snapshot.ts";
import type { ReceivedNumbers } from "./received_numbers.ts";
import type { SequenceReply } from "./message.ts";

/** The acknowledgements of one sequence, over all its connections. */
export class Acknowledgement {
  /** The session, once there is one, with its newest token. */
  session: SequenceSnapshot["session"];
  /** What the server said at the end on this connection. */
  fin: Extract<SequenceReply, { type: "fin" }> | undefined;

  readonly #client: string;
  readonly #length: number;
  readonly #numbers: ReceivedNumbers;
  readonly #saves: boolean;
  /** What was confirmed on this connection. */
  #confirmed = NOTHING_CONFIRMED;
  /** All below is confirmed as soon as it may be. */
  #asked = 0;
  /** When what was taken must be confirmed, once there is anything. */
  #due: Instant | undefined;
  /** What the present save and the last one cover. */
  #saving: SequenceSnapshot | undefined;
  #saved: SequenceSnapshot | undefined;
  #verified: boolean;

  /** Goes on where `snapshot` stands; `saves`: it is kept somewhere, and only what was kept is confirmed. */
  constructor(snapshot: SequenceSnapshot, numbers: ReceivedNumbers, saves: boolean) {
    this.session = snapshot.session;
    this.#client = snapshot.client;
    this.#length = snapshot.length;
    this.#numbers = numbers;
    this.#saves = saves;
    this.#verified = snapshot.done;
  }

  /** Whether all numbers were taken and both checksums were equal. */
  get verified(): boolean {
    return this.#verified;
  }

  /** Whether the end may be confirmed on this connection. */
  get finished(): boolean {
    return this.#verified && this.fin !== undefined;
  }

  /** Whether a save is under way, which everything waits for. */
  get saving(): boolean {
    return this.#saving !== undefined;
  }

  /** Whether so much was taken that it is due, whatever the time. */
  get many(): boolean {
    return this.#numbers.taken - this.#confirmed >= CONFIRM_EVERY;
  }

  /** When something must be confirmed; `undefined` if there is nothing, or a save that it waits for. */
  get due(): Instant | undefined {
    return this.saving ? undefined : this.#due;
  }

  /** Everything that is needed to go on elsewhere. */
  snapshot(): SequenceSnapshot {
    const { session } = this;
    return {
      version: 1,
      client: this.#client,
      length: this.#length,
      ...(session && { session }),
      checksum: this.#numbers.save(),
      done: this.#verified,
    };
  }

  /** Nothing was confirmed on a new connection, and the server did not say the end on it. */
  begin(): void {
    this.#confirmed = NOTHING_CONFIRMED;
    this.#asked = 0;
    this.#due = undefined;
    this.fin = undefined;
  }

  /** The server asks for all that has come: its window may be small, or it has heard nothing for long. */
  ask(): void {
    this.#asked = this.#numbers.received;
  }

  /** From now on what was taken waits, for as long as `longestWait` allows with this heartbeat. */
  wait(heartbeat: number, now: Instant): void {
    if (this.#numbers.taken > this.#confirmed) this.#due ??= now + longestWait(heartbeat);
  }

  /** Compares the checksums once all numbers were taken and the server said FIN; both, if they differ. */
  verify(): { readonly local: SequenceDigest; readonly remote: SequenceDigest } | undefined {
    const { fin } = this;
    if (!fin || this.#verified || !this.#numbers.complete) return undefined;
    const local = this.#numbers.digest();
    const remote = { crc32: fin.crc32, sha256: fin.sha256 };
    if (local.crc32 !== remote.crc32 || local.sha256 !== remote.sha256) return { local, remote };
    this.#verified = true;
    return undefined;
  }

  /** What must be saved before anything is confirmed; it counts as being saved from now on. */
  save(): SequenceSnapshot | undefined {
    if (!this.#saves || this.#isSaved()) return undefined;
    return this.#saving = this.snapshot();
  }

  /** The save is done. */
  saved(): void {
    this.#saved = this.#saving;
    this.#saving = undefined;
  }

  /** The index below which all is to be confirmed, if that is news and due; it counts as confirmed. */
  confirm(now: Instant): number | undefined {
    const { taken } = this.#numbers;
    if (taken <= this.#confirmed || !this.#isDue(now)) return undefined;
    this.#due = undefined;
    return this.#confirmed = taken;
  }

  #isDue(now: Instant): boolean {
    const asked = this.#confirmed < this.#asked;
    return asked || this.many || this.#numbers.complete || now >= this.#due!;
  }

  #isSaved(): boolean {
    const saved = this.#saved;
    return saved?.checksum.count === this.#numbers.taken && saved.done === this.#verified &&
      saved.session?.token === this.session?.token;
  }
}

/** Less than 0: on a new connection also that nothing was taken yet has to be confirmed. */
const NOTHING_CONFIRMED = -1;
