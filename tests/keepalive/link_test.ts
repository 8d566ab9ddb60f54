import { assertEquals, assertRejects } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { KeepaliveLink, type KeepaliveStream } from "../../keepalive/link.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const ENCODER = new TextEncoder();

/** A link over a stream of which a test says what matters, and what was written to it. */
function linkOver(stream: Partial<KeepaliveStream> = {}): { link: KeepaliveLink; log: string[] } {
  const log: string[] = [];
  const link = new KeepaliveLink({
    receive: () => Promise.resolve(),
    write: (bytes) => Promise.resolve(void log.push(new TextDecoder().decode(bytes))),
    close: () => void log.push("closed"),
    ...stream,
  }, { clock: new VirtualClock(), hold: 100, written: () => {} });
  return { link, log };
}

Deno.test("what is written while a write is under way leaves together", {
  permissions: "none",
}, async () => {
  const { link, log } = linkOver();
  for (const text of ["a", "b", "c"]) link.write(ENCODER.encode(text));
  await link.flushed();
  assertEquals(log, ["a", "bc"]);
});

Deno.test("nothing is written behind the last line", { permissions: "none" }, async () => {
  const { link, log } = linkOver();
  const closed = link.close(ENCODER.encode("last"));
  link.write(ENCODER.encode("too late"));
  await closed;
  await link.close(ENCODER.encode("again"));
  assertEquals(log, ["last", "closed"]);
});

for (
  const [code, end] of [["connection-reset", "reset"], ["unreachable", "unreachable"]] as const
) {
  Deno.test(`reading that fails with ${code} ends with ${end}`, {
    permissions: "none",
  }, async () => {
    const error = new HeartlineError(code, "Cannot read");
    assertEquals(await linkOver({ receive: () => Promise.reject(error) }).link.read(() => {}), end);
  });
}

Deno.test("a bug is no end of a stream: it comes out of reading", {
  permissions: "none",
}, async () => {
  const { link } = linkOver({ receive: () => Promise.reject(new TypeError("a bug")) });
  await assertRejects(() => link.read(() => {}), TypeError, "a bug");
});

Deno.test("a write that fails is no news: reading says what became of the connection", {
  permissions: "none",
}, async () => {
  const error = new HeartlineError("connection-reset", "Cannot write");
  const { link, log } = linkOver({ write: () => Promise.reject(error) });
  link.write(ENCODER.encode("a"));
  await link.flushed();
  await link.close(ENCODER.encode("last"));
  assertEquals(log, ["closed"]);
});

Deno.test("what taking the bytes throws closes the stream, and comes out of reading", {
  permissions: "none",
}, async () => {
  const { link, log } = linkOver({
    receive: async (sink) => await sink(ENCODER.encode("a")),
  });
  const fail = () => {
    throw new TypeError("a bug");
  };
  await assertRejects(() => link.read(fail), TypeError, "a bug");
  assertEquals(log, ["closed"]);
});
