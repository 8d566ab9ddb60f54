/**
 * What server and client compare at the end: CRC-32 and SHA-256 over all numbers of a sequence.
 *
 * A number counts as four bytes, the highest first.
 *
 * ```text
 * values   1522805012                3535044222   ...
 * bytes    5a c4 3d 54 (big-endian)  d2 b4 ...         crc32 of the five in DESIGN: 3848541339
 * ```
 *
 * @module
 */
import { Sha256, type Sha256Snapshot } from "./sha256.ts";

/** The checksums of a whole sequence. */
export interface SequenceDigest {
  /** CRC-32 (IEEE 802.3) as a uint32. */
  readonly crc32: number;
  /** SHA-256 as 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** Where a checksum stands, for a file. */
export interface SavedChecksum {
  /** How many numbers were added. */
  readonly count: number;
  /** The CRC-32 of them. */
  readonly crc32: number;
  /** The SHA-256 so far. */
  readonly sha256: Sha256Snapshot;
}

/**
 * Checksums that grow number by number.
 *
 * @example The vector of the protocol
 * ```ts
 * import { SequenceChecksum } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const checksum = new SequenceChecksum();
 * for (const n of [1522805012, 3535044222, 402765600, 681225668, 505780829]) checksum.add(n);
 * assertEquals(checksum.digest().crc32, 3848541339);
 * ```
 */
export class SequenceChecksum {
  readonly #sha256: Sha256;
  #crc: number;
  #count: number;

  /** Starts anew, or where `saved` stands. */
  constructor(saved?: SavedChecksum) {
    this.#sha256 = new Sha256(saved?.sha256);
    this.#crc = ~(saved?.crc32 ?? 0);
    this.#count = saved?.count ?? 0;
  }

  /** How many numbers were added. */
  get count(): number {
    return this.#count;
  }

  /** Adds the next number, a uint32. */
  add(value: number): void {
    let crc = this.#crc;
    crc = TABLE[(crc ^ (value >>> 24)) & 0xff]! ^ (crc >>> 8);
    crc = TABLE[(crc ^ (value >>> 16)) & 0xff]! ^ (crc >>> 8);
    crc = TABLE[(crc ^ (value >>> 8)) & 0xff]! ^ (crc >>> 8);
    this.#crc = TABLE[(crc ^ value) & 0xff]! ^ (crc >>> 8);
    this.#sha256.updateUint32(value);
    this.#count++;
  }

  /** The checksums of all numbers so far; more may be added afterwards. */
  digest(): SequenceDigest {
    return { crc32: ~this.#crc >>> 0, sha256: this.#sha256.hex() };
  }

  /** Where it stands now. */
  save(): SavedChecksum {
    return { count: this.#count, crc32: ~this.#crc >>> 0, sha256: this.#sha256.snapshot() };
  }
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
