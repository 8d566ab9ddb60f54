import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeHello,
  decodeReply,
  encodeHello,
  encodeReply,
  type HandshakeReply,
  isConnectionId,
  MAX_HANDSHAKE_BYTES,
  MAX_ID_LENGTH,
} from "../../handshake/message.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });
const LONGEST = "x".repeat(MAX_ID_LENGTH);

const HELLOS: [what: string, text: string, id: string][] = [
  ["the seed's example", "HELLO 9876", "9876"],
  ["a line feed", "HELLO 9876\n", "9876"],
  ["a carriage return and a line feed", "HELLO 9876\r\n", "9876"],
  ["a carriage return alone", "HELLO 9876\r", "9876"],
  ["one character", "HELLO !", "!"],
  ["leading zeros, which are kept", "HELLO 007", "007"],
  ["every kind of printable character", "HELLO ~a-Z_{0}", "~a-Z_{0}"],
  ["the longest id", `HELLO ${LONGEST}\r\n`, LONGEST],
  ["an id that is a word of ours", "HELLO HELLO", "HELLO"],
];

const NO_HELLOS: [what: string, text: string][] = [
  ["nothing", ""],
  ["one byte", "H"],
  ["a line feed", "\n"],
  ["the word alone", "HELLO"],
  ["no id", "HELLO "],
  ["no id before the line end", "HELLO \r\n"],
  ["small letters", "hello 9876"],
  ["another word", "HULLO 9876"],
  ["no space", "HELLO9876"],
  ["two spaces", "HELLO  9876"],
  ["a tab", "HELLO\t9876"],
  ["a space in the id", "HELLO 98 76"],
  ["a space behind the id", "HELLO 9876 "],
  ["a space in front", " HELLO 9876"],
  ["a control character", "HELLO 98\x0076"],
  ["a delete character", "HELLO 98\x7f"],
  ["a byte above ASCII", "HELLO 98\xe976"],
  ["two line feeds", "HELLO 9876\n\n"],
  ["the wrong order of line ends", "HELLO 9876\n\r"],
  ["an id that is too long", `HELLO x${LONGEST}`],
  ["two requests", "HELLO 1\nHELLO 2"],
  ["a reply", "OK 9876 127.0.0.1 1"],
];

pure("HELLO is read, whole and in the middle of other bytes", () => {
  for (const [what, text, id] of HELLOS) {
    assertEquals(decodeHello(bytesOf(text)), id, what);
    const inside = bytesOf(`x${text}y`);
    assertEquals(decodeHello(inside, 1, 1 + text.length), id, what);
    assertEquals(new TextDecoder().decode(encodeHello(id)), `HELLO ${id}`, what);
  }
});

pure("what is no HELLO is none, nor is any part of one", () => {
  for (const [what, text] of NO_HELLOS) assertEquals(decodeHello(bytesOf(text)), undefined, what);
  for (let end = 0; end < 7; end++) {
    assertEquals(decodeHello(bytesOf("HELLO 1"), 0, end), undefined);
  }
});

const REPLIES: [text: string, reply: HandshakeReply][] = [
  ["OK 9876 192.168.0.10 12345", {
    type: "ok",
    id: "9876",
    address: { hostname: "192.168.0.10", port: 12345 },
  }],
  ["OK a ::1 1", { type: "ok", id: "a", address: { hostname: "::1", port: 1 } }],
  ["OK a fe80::1%eth0 65535", {
    type: "ok",
    id: "a",
    address: { hostname: "fe80::1%eth0", port: 65535 },
  }],
  ["RESET 9876", { type: "reset", id: "9876" }],
  [`RESET ${LONGEST}`, { type: "reset", id: LONGEST }],
];

const NO_REPLIES = [
  ...["", "OK", "OK 9876", "OK 9876 127.0.0.1", "OK 9876 127.0.0.1 ", "OK 9876 127.0.0.1 65536"],
  ...["OK 9876 127.0.0.1 -1", "OK 9876 127.0.0.1 012", "OK 9876 127.0.0.1 1 x", "OK  1 2 3"],
  ...["ok 9876 127.0.0.1 1", "RESET", "RESET ", "RESET 1 2", "RESETS 1", `RESET ${LONGEST}x`],
  ...["HELLO 9876", "OK 9876 127.0.0.1 1\nRESET 9876", `OK 1 ${"f".repeat(46)} 1`],
  "x".repeat(MAX_HANDSHAKE_BYTES + 1),
];

pure("replies are read and written", () => {
  for (const [text, reply] of REPLIES) {
    assertEquals(new TextDecoder().decode(encodeReply(reply)), text);
    for (const end of ["", "\n", "\r\n"]) {
      assertEquals(decodeReply(bytesOf(text + end)), reply, text);
    }
  }
  for (const text of NO_REPLIES) assertEquals(decodeReply(bytesOf(text)), undefined, text);
});

pure("any id comes back as it was sent, and nothing else is one", () => {
  const id = fc.stringMatching(/^[!-~]{1,64}$/);
  fc.assert(fc.property(id, (given) => {
    assertEquals(isConnectionId(given), true);
    assertEquals(decodeHello(encodeHello(given)), given);
    assertEquals(decodeReply(encodeReply({ type: "reset", id: given })), {
      type: "reset",
      id: given,
    });
  }));
  const latin1 = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 70 });
  fc.assert(fc.property(latin1, (bytes) => {
    const text = String.fromCharCode(...bytes);
    const read = decodeHello(bytesOf(`HELLO ${text}`));
    const rest = text.replace(/\r?\n?$/, "");
    assertEquals(read, isConnectionId(rest) ? rest : undefined);
  }));
});

pure("the longest messages fit", () => {
  const address = { hostname: "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", port: 65_535 };
  const reply = encodeReply({ type: "ok", id: LONGEST, address });
  assertEquals(reply.length + 2 <= MAX_HANDSHAKE_BYTES, true);
  assertEquals(decodeReply(reply)?.type, "ok");
});
