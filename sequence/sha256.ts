/**
 * SHA-256, a piece at a time.
 *
 * FIPS 180-4 is written out here because a checksum must grow number by number and survive a restart
 * half-way: `crypto.subtle` has neither, and `node:crypto` is not everywhere.
 *
 * @module
 */

/** Where a hash stands, small enough to keep in a file. */
export interface Sha256Snapshot {
  /** The eight words of the chain. */
  readonly words: readonly number[];
  /** How many bytes were hashed. */
  readonly length: number;
  /** The bytes behind the last whole block, fewer than 64. */
  readonly rest: readonly number[];
}

/**
 * An incremental SHA-256.
 *
 * @example
 * ```ts
 * import { Sha256 } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const hash = new Sha256();
 * hash.update(new TextEncoder().encode("ab"));
 * hash.update(new TextEncoder().encode("c"));
 * assertEquals(hash.hex().slice(0, 16), "ba7816bf8f01cfea");
 * ```
 */
export class Sha256 {
  /** The words of the chain, and behind them the block as far as it has come: one array for both. */
  readonly #words: number[];
  #length: number;

  /** Starts anew, or where `snapshot` stands. */
  constructor(snapshot?: Sha256Snapshot) {
    this.#words = [...snapshot?.words ?? INITIAL, ...EMPTY_BLOCK];
    const rest = snapshot?.rest ?? [];
    this.#length = (snapshot?.length ?? 0) - rest.length;
    for (const byte of rest) this.#add(byte);
  }

  /** Where it stands now. */
  snapshot(): Sha256Snapshot {
    const words = this.#words, rest: number[] = [];
    for (let at = 0; at < this.#length % BLOCK; at++) {
      rest.push((words[CHAIN + (at >> 2)]! >>> shiftOf(at)) & 0xff);
    }
    return { words: words.slice(0, CHAIN), length: this.#length, rest };
  }

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    for (const byte of bytes) this.#add(byte);
  }

  /** Adds a uint32 as four bytes, the highest first. */
  updateUint32(value: number): void {
    const at = this.#length % BLOCK;
    if (at % 4 !== 0) {
      for (const shift of [24, 16, 8, 0]) this.#add((value >>> shift) & 0xff);
      return;
    }
    this.#words[CHAIN + (at >> 2)] = value | 0;
    this.#length += 4;
    if (at === BLOCK - 4) compress(this.#words);
  }

  /** The hash of everything so far, as 32 bytes; more may be added afterwards. */
  digest(): Uint8Array {
    const last = new Sha256(this.snapshot());
    const bits = this.#length * 8;
    last.#add(0x80);
    while (last.#length % BLOCK !== BLOCK - 8) last.#add(0);
    last.updateUint32(Math.floor(bits / 2 ** 32));
    last.updateUint32(bits >>> 0);
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < CHAIN; i++) view.setInt32(i * 4, last.#words[i]!);
    return bytes;
  }

  /** The hash of everything so far, as 64 hexadecimal digits. */
  hex(): string {
    return Array.from(this.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  #add(byte: number): void {
    const at = this.#length++ % BLOCK, word = CHAIN + (at >> 2);
    const before = at % 4 === 0 ? 0 : this.#words[word]!;
    this.#words[word] = before | (byte << shiftOf(at));
    if (at === BLOCK - 1) compress(this.#words);
  }
}

/** How far a byte of the block lies above the lowest of its word. */
function shiftOf(at: number): number {
  return 24 - 8 * (at & 3);
}

/** Works the block into the chain. */
function compress(words: number[]): void {
  for (let i = 0; i < 16; i++) W[i] = words[CHAIN + i]!;
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15]!, y = W[i - 2]!;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    W[i] = (W[i - 16]! + s0 + W[i - 7]! + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = words as Eight;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + W[i]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => words[i] = (words[i]! + word) | 0);
}

function rotate(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}

type Eight = [number, number, number, number, number, number, number, number];

/** In bytes. */
const BLOCK = 64;
/** In words. */
const CHAIN = 8;
const EMPTY_BLOCK = Array.from({ length: BLOCK / 4 }, () => 0);
/** The message schedule: scratch space that no call leaves anything in. */
const W = new Int32Array(64);

/** The first 32 bits of the fractional parts of `root(prime)` for the first 64 primes. */
function fractions(count: number, root: (prime: number) => number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) {
    if (isPrime(n)) found.push((root(n) % 1) * 2 ** 32 | 0);
  }
  return found;
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

const INITIAL = fractions(8, Math.sqrt);
const K = Int32Array.from(fractions(64, Math.cbrt));
