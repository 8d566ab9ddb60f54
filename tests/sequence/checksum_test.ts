import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SequenceChecksum } from "../../sequence/checksum.ts";
import { hashToken, newSecret, sameHash } from "../../sequence/secret.ts";
import { Sha256 } from "../../sequence/sha256.ts";

const PURE = { permissions: "none" } as const;
const ENCODER = new TextEncoder();

/** FIPS 180-4 and its examples, and lengths around the padding. */
const SHA256: readonly (readonly [text: string, hash: string])[] = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
];

for (const [text, hash] of SHA256) {
  Deno.test(`sha256 of ${text.length} characters is the published one`, PURE, () => {
    const sha256 = new Sha256();
    sha256.update(ENCODER.encode(text));
    assertEquals(sha256.hex(), hash);
  });
}

Deno.test("sha256 is that of the platform, however the bytes are cut", PURE, async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 130 }), { maxLength: 4 });
  await fc.assert(fc.asyncProperty(pieces, async (all) => {
    let sha256 = new Sha256();
    for (const piece of all) {
      sha256.update(piece);
      sha256 = new Sha256(JSON.parse(JSON.stringify(sha256.snapshot())));
    }
    const bytes = Uint8Array.from(all.flatMap((piece) => [...piece]));
    assertEquals(sha256.digest(), new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  }));
});

Deno.test("a uint32 counts as four bytes, behind any number of others", PURE, () => {
  const words = [0x01020304, 0xfffefdfc, 0, 0x80000000];
  const bytes = Uint8Array.of(1, 2, 3, 4, 255, 254, 253, 252, 0, 0, 0, 0, 128, 0, 0, 0);
  for (let before = 0; before <= 64; before++) {
    const byWords = new Sha256(), byBytes = new Sha256();
    for (const sha256 of [byWords, byBytes]) sha256.update(new Uint8Array(before).fill(7));
    for (const word of words) byWords.updateUint32(word);
    byBytes.update(bytes);
    assertEquals(byWords.hex(), byBytes.hex(), `${before} before`);
  }
});

Deno.test("the checksum counts all 32 bits: the vector of the protocol", PURE, () => {
  const checksum = new SequenceChecksum();
  for (const n of [1522805012, 3535044222, 402765600, 681225668, 505780829]) checksum.add(n);
  assertEquals(checksum.digest(), {
    crc32: 3848541339,
    sha256: "62d46483b292cb553e8ac924cd2a49f7d3db3fa1b481bc47105949759c40242b",
  });
});

Deno.test("the check value of CRC-32: 1234 5678 9 is not a whole number of words", PURE, () => {
  const checksum = new SequenceChecksum();
  for (const word of [0x31323334, 0x35363738]) checksum.add(word);
  assertEquals(checksum.digest().crc32, 0x9ae0daaf);
});

Deno.test("a checksum saved at any number goes on as if nothing had happened", PURE, () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 60 });
  fc.assert(fc.property(numbers, fc.nat(60), (all, cut) => {
    const whole = new SequenceChecksum();
    let saved = new SequenceChecksum();
    all.forEach((n, index) => {
      whole.add(n);
      if (index === cut) saved = new SequenceChecksum(JSON.parse(JSON.stringify(saved.save())));
      saved.add(n);
    });
    assertEquals(saved.digest(), whole.digest());
    assertEquals(saved.count, all.length);
  }));
});

Deno.test("a secret holds 128 bits, and only its hash matches", PURE, () => {
  const token = newSecret((count) => Uint8Array.from({ length: count }, (_, i) => i));
  assertEquals(token, "000102030405060708090a0b0c0d0e0f");
  const hash = hashToken(token);
  assert(sameHash(hash, hashToken(token)));
  for (let i = 0; i < hash.length; i++) {
    const other = hash.slice(0, i) + (hash[i] === "0" ? "1" : "0") + hash.slice(i + 1);
    assert(!sameHash(hash, other), `digit ${i} counts`);
  }
  assert(!sameHash(hash, "") && !sameHash("", hash) && !sameHash(hash, hash.slice(1)));
});
