import { assert, assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import type { HandshakeClientInput, HandshakeClientOutput } from "../../handshake/inputs.ts";
import type { HandshakeTryOptions } from "../../handshake/options.ts";
import { HandshakeClientMachine } from "../../handshake/client_machine.ts";
import { Story } from "../support/story.ts";
import { bytesOf } from "./server_story.ts";

const END = { hostname: "10.0.0.7", port: 5_001 };

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });
const SERVER = "10.0.0.1:4000";
const OK = "OK 9876 10.0.0.7 5001";

/** A client in virtual time; sockets open at once unless `opens` is false. */
class ClientStory
  extends Story<HandshakeClientInput, HandshakeClientOutput, HandshakeClientMachine> {
  opens = true;

  constructor(options: Partial<HandshakeTryOptions> = {}, random = 0) {
    const environment = { server: SERVER, random: () => random };
    super(new HandshakeClientMachine({ id: "9876", ...options }, environment, 0));
  }

  udp(text: string, number = 1): this {
    return this.give({ type: "datagram", connection: number, bytes: bytesOf(text) });
  }

  tcp(text: string, number = 1): this {
    return this.give({ type: "data", connection: number, bytes: bytesOf(text) });
  }

  next(id: string | undefined): this {
    return this.give({ type: "next-id", id });
  }

  protected perform(output: HandshakeClientOutput): void {
    this.log.push(`${this.now} ${lineOf(output)}`);
    if (output.type !== "connect" || !this.opens) return;
    this.give({ type: "opened", connection: output.connection, remote: END, local: END });
  }
}

function lineOf(output: HandshakeClientOutput): string {
  switch (output.type) {
    case "send":
      return new TextDecoder().decode(output.bytes);
    case "established":
      return `established ${output.id} ${output.hostname} ${output.port} after ${output.sent}`;
    case "error":
      return `error ${output.id} ${output.reason}`;
    case "ignored":
      return `ignored ${output.count} ${output.reason}`;
    case "failure":
      return `failure after ${output.tries}`;
    default:
      return output.type;
  }
}

pure("HELLO, OK", () => {
  const story = new ClientStory().to(0);
  assertEquals(story.said(), ["0 connect", "0 trying", "0 HELLO 9876"]);
  assertEquals(story.to(20).udp(OK).said(), [
    "20 close",
    "20 established 9876 10.0.0.7 5001 after 1",
  ]);
  assertEquals(story.machine.deadline, undefined);
  assertEquals(story.udp(OK).udp("RESET 9876").to(1e6).said(), []);
});

pure("repeated after 0.25, 0.5 and 1 s, then every second, until the timeout", () => {
  const story = new ClientStory({ tries: 1 }).to(20_000);
  const said = story.said();
  const times = said.filter((line) => line.endsWith("HELLO 9876")).map((line) => parseInt(line));
  assertEquals(times, [
    ...[0, 250, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000],
    ...[11_000, 12_000, 13_000, 14_000],
  ]);
  assertEquals(said.slice(-3), [
    ...["15000 close", "15000 error 9876 timed-out", "15000 failure after 1"],
  ]);
});

pure("the jitter only delays, and by no more than a quarter of the gap", () => {
  const story = new ClientStory({ tries: 1 }, 0.999999).to(20_000);
  const times = story.said().filter((line) => line.endsWith("HELLO 9876")).map(parseFloat);
  assertEquals(times.map((time) => Math.round(time)).slice(0, 6), [0, 312, 562, 1125, 2250, 3250]);
  assertEquals(times.length, 17);
});

pure("--no-retransmit and TCP say it once", () => {
  for (const options of [{ retransmit: false }, { transport: "tcp" as const }]) {
    const said = new ClientStory({ tries: 1, ...options }).to(20_000).said();
    assertEquals(said.filter((line) => line.endsWith("HELLO 9876")).length, 1);
  }
});

pure("RESET: another id with a new socket, and a failure after the third", () => {
  const story = new ClientStory().to(10).udp("RESET 9876");
  assertEquals(story.said().slice(3), ["10 close", "10 error 9876 reset", "10 ask-id"]);
  assertEquals(story.machine.deadline, undefined, "whoever is asked may take his time");
  story.to(99_000).next("2").to(99_010).udp("RESET 2", 2).next("3").to(99_020).udp("RESET 3", 3);
  assertEquals(story.said(), [
    ...["99000 connect", "99000 trying", "99000 HELLO 2"],
    ...["99010 close", "99010 error 2 reset", "99010 ask-id"],
    ...["99010 connect", "99010 trying", "99010 HELLO 3"],
    ...["99020 close", "99020 error 3 reset", "99020 failure after 3"],
  ]);
});

pure("each try has its own 15 s", () => {
  const story = new ClientStory().to(15_000).next("2").to(29_999);
  assertEquals(story.said().filter((line) => line.includes("error")), [
    "15000 error 9876 timed-out",
  ]);
  assertEquals(story.to(30_000).said().slice(-2), ["30000 error 2 timed-out", "30000 ask-id"]);
});

pure("no further id is a failure at once", () => {
  const story = new ClientStory().to(15_000).next(undefined);
  assertEquals(story.said().slice(-2), ["15000 ask-id", "15000 failure after 1"]);
});

pure("replies for another id, rubbish and strangers are counted and change nothing", () => {
  const story = new ClientStory().to(1);
  story.said();
  story.udp("OK 1 10.0.0.7 5001").udp("RESET 1").udp("nonsense").udp("").udp("HELLO 9876");
  for (let i = 0; i < 3; i++) story.give({ type: "stranger", connection: 1 });
  assertEquals(story.said(), [
    ...["1 ignored 1 other-id", "1 ignored 1 malformed", "1 ignored 1 other-sender"],
  ]);
  assertEquals(story.udp(OK).said(), [
    ...["1 close", "1 ignored 1 other-id", "1 ignored 2 malformed", "1 ignored 2 other-sender"],
    "1 established 9876 10.0.0.7 5001 after 1",
  ]);
});

pure("what comes from an earlier try's socket is not heard", () => {
  const story = new ClientStory().to(15_000).next("9876").udp(OK, 1);
  assertEquals(story.said().at(-1), "15000 HELLO 9876");
  assertEquals(story.udp(OK, 2).said().at(-1), "15000 established 9876 10.0.0.7 5001 after 1");
});

pure("a datagram that cannot be sent ends no try, but a sandbox does", () => {
  const failed = (code: "unreachable" | "permission-denied") =>
    ({
      type: "send-failed",
      connection: 1,
      error: new HeartlineError(code, "Cannot send"),
    }) as const;
  const story = new ClientStory().to(1).give(failed("unreachable"));
  assertEquals(story.said().slice(3), ["1 send-failed"]);
  assertEquals(story.udp(OK).said().length, 2);
  const other = new ClientStory().to(1).give(failed("permission-denied")).said();
  assertEquals(other.slice(-2), ["1 error 9876 permission-denied", "1 ask-id"]);
});

pure("a refused connection ends the try at once; one that takes too long, in time", () => {
  const story = new ClientStory({ transport: "tcp" });
  story.opens = false;
  const error = new HeartlineError("connection-refused", "Cannot connect");
  story.to(5).give({ type: "connect-failed", connection: 1, error });
  assertEquals(story.said().slice(-2), ["5 error 9876 connection-refused", "5 ask-id"]);
  story.next("2").to(15_005);
  assertEquals(story.said().slice(-3), ["15005 close", "15005 error 2 timed-out", "15005 ask-id"]);
});

pure("over TCP a reply ends at a line feed, after 50 ms of quiet, or with the stream", () => {
  const tcp = () => new ClientStory({ transport: "tcp" }).to(0);
  const established = "established 9876 10.0.0.7 5001 after 1";
  assertEquals(tcp().tcp(`${OK}\n`).said().at(-1), `0 ${established}`);
  const pieces = tcp().tcp("OK 9876 10.0.0.7 5").to(49).tcp("00").to(90).tcp("1").to(139);
  assertEquals(pieces.said().at(-1), "0 HELLO 9876");
  assertEquals(pieces.to(140).said().at(-1), `140 ${established}`);
  const ended = { type: "ended", connection: 1, reason: "end" } as const;
  assertEquals(tcp().tcp(OK).give(ended).said().at(-1), `0 ${established}`);
  assertEquals(tcp().give(ended).said().slice(-2), ["0 error 9876 ended", "0 ask-id"]);
  // A connection that breaks is no answer RESET.
  for (const [reason, said] of [["reset", "connection-reset"], ["unreachable", "unreachable"]]) {
    const broken = { type: "ended", connection: 1, reason } as HandshakeClientInput;
    assertEquals(tcp().give(broken).said().slice(-2), [`0 error 9876 ${said}`, "0 ask-id"]);
  }
  assertEquals(tcp().tcp("RESET 1\nRESET 9876\n").said().slice(-3), [
    ...["0 close", "0 error 9876 reset", "0 ask-id"],
  ]);
});

pure("an endless reply over TCP is cut off and counted, and the try goes on", () => {
  const story = new ClientStory({ transport: "tcp" }).to(0).tcp("x".repeat(1_000)).tcp(`\n${OK}\n`);
  const said = story.said();
  assert(said.includes("0 ignored 1 malformed"));
  assertEquals(said.at(-1), "0 established 9876 10.0.0.7 5001 after 1");
});

pure("our own pause does not use up the timeout, and brings no volley of repetitions", () => {
  const story = new ClientStory().to(5_100);
  story.said();
  story.stall(59_900).to(65_000);
  assertEquals(story.said(), ["65000 stalled", "65000 HELLO 9876"]);
  assertEquals(story.to(74_899).said().filter((line) => line.includes("error")), []);
  assert(story.to(74_900).said().includes("74900 error 9876 timed-out"));
});

pure("a wrong option, or a wrong next id, is refused", () => {
  const wrong = [{ id: "" }, { id: "a b" }, { tries: 0 }, { timeout: 0 }];
  for (const options of wrong) {
    assertThrows(() => new ClientStory(options), HeartlineError, "Cannot use");
  }
  const story = new ClientStory().to(15_000);
  assertThrows(() => story.next("a b"), HeartlineError, "Cannot use id");
});

pure("a tick that comes early, or after the end, does nothing", () => {
  const story = new ClientStory().to(15_000);
  assertEquals(story.machine.tick(100_000), [], "the next id is waited for");
  story.next(undefined);
  assertEquals(story.machine.tick(100_000), []);
});

pure("an id that nobody asked for changes nothing", () => {
  const story = new ClientStory().to(0);
  story.said();
  assertEquals(story.next("2").next(undefined).said(), []);
  assertEquals(story.udp(OK).said().at(-1), "0 established 9876 10.0.0.7 5001 after 1");
});
