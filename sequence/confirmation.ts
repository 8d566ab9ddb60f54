/**
 * What a client may confirm to its server.
 *
 * This file knows what the user came back from, what of it was saved and confirmed, and whether the
 * checksums are equal. It does not know connections, lines or when to try again.
 *
 * ```text
 *   taken ──(there is a save)──▶ saving ──▶ saved ──▶ confirmed ──FIN, equal checksums──▶ the end
 *     └──────(there is none)────────────────────────────▲
 * ```
 *
 * Laws: a number is confirmed only after the user came back for the next one, and, if there is a
 * `save`, after that; the end is confirmed only if both checksums are equal.
 *
 * @module
 */
import type { SequenceDigest } from "./checksum.ts";
import type { SavedSequence } from "./client_contract.ts";
import type { Intake } from "./intake.ts";
import type { SequenceReply } from "./message.ts";

/** The confirmations of one sequence, over all its connections. */
export class Confirmation {
  /** The session, once there is one, with its newest token. */
  session: SavedSequence["session"];
  /** What the server said at the end on this connection. */
  fin: Extract<SequenceReply, { type: "fin" }> | undefined;

  readonly #client: string;
  readonly #length: number;
  readonly #intake: Intake;
  readonly #saves: boolean;
  /** What was confirmed on this connection. */
  #confirmed = NOTHING_CONFIRMED;
  /** What the present save and the last one cover. */
  #saving: SavedSequence | undefined;
  #saved: SavedSequence | undefined;
  #verified: boolean;

  /** Goes on where `state` stands; `saves`: it is kept somewhere, and only what was kept is confirmed. */
  constructor(state: SavedSequence, intake: Intake, saves: boolean) {
    this.session = state.session;
    this.#client = state.client;
    this.#length = state.length;
    this.#intake = intake;
    this.#saves = saves;
    this.#verified = state.done;
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

  /** How many numbers were taken and not confirmed on this connection. */
  get pending(): number {
    return this.#intake.taken - this.#confirmed;
  }

  /** Everything that is needed to go on elsewhere. */
  get state(): SavedSequence {
    const { session } = this;
    return {
      version: 1,
      client: this.#client,
      length: this.#length,
      ...(session && { session }),
      checksum: this.#intake.save(),
      done: this.#verified,
    };
  }

  /** Nothing was confirmed on a new connection, and the server did not say the end on it. */
  begin(): void {
    this.#confirmed = NOTHING_CONFIRMED;
    this.fin = undefined;
  }

  /** Compares the checksums once all numbers were taken and the server said FIN; both, if they differ. */
  verify(): { readonly local: SequenceDigest; readonly remote: SequenceDigest } | undefined {
    const { fin } = this;
    if (!fin || this.#verified || !this.#intake.complete) return undefined;
    const local = this.#intake.digest();
    const remote = { crc32: fin.crc32, sha256: fin.sha256 };
    if (local.crc32 !== remote.crc32 || local.sha256 !== remote.sha256) return { local, remote };
    this.#verified = true;
    return undefined;
  }

  /** What must be saved before anything is confirmed; it counts as being saved from now on. */
  save(): SavedSequence | undefined {
    if (!this.#saves || this.#isSaved()) return undefined;
    return this.#saving = this.state;
  }

  /** The save is done. */
  saved(): void {
    this.#saved = this.#saving;
    this.#saving = undefined;
  }

  /** The index below which all is to be confirmed, if that is news; it counts as confirmed. */
  confirm(): number | undefined {
    const { taken } = this.#intake;
    if (taken <= this.#confirmed) return undefined;
    return this.#confirmed = taken;
  }

  #isSaved(): boolean {
    const saved = this.#saved;
    return saved?.checksum.count === this.#intake.taken && saved.done === this.#verified &&
      saved.session?.token === this.session?.token;
  }
}

/** Less than 0: who begins confirms that there is nothing yet. */
const NOTHING_CONFIRMED = -1;
