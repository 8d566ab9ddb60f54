// The sequence server against a list of sessions: their tokens, two indices and a connection.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SequenceStory, UUID } from "../support/sequence_story.ts";
import { runSteps, type Step, step } from "./step.ts";

const LENGTH = 5;
const MOST_UNCONFIRMED = 3;
const WINDOW = 1_000;
const OPTIONS = { interval: 0, sendWindow: MOST_UNCONFIRMED, sessionTtl: WINDOW, heartbeat: 1e9 };

interface Session {
  readonly id: string;
  token: string;
  /** The token before, until something was confirmed under the newest. */
  previous: string | undefined;
  epoch: number;
  sent: number;
  confirmed: number;
  finished: boolean;
  /** It was asked to confirm and did not since; PINGs on its connection. */
  asked: boolean;
  pings: number;
  state: "open" | "completed" | "expired";
  /** Its connection, or else when it expires. */
  connection: number | undefined;
  expiresAt: number;
}

interface Model {
  /** Connections are numbered from 1. */
  opened: number;
  readonly sessions: Session[];
}

const WHICH = fc.nat(9);
const MS = fc.nat(12).map((n) => n * 100);

const hello = fc.constant(
  server("HELLO", async (model, story) => {
    const connection = ++model.opened;
    await story.open(connection, `HELLO 1 ${UUID} ${LENGTH}\n`);
    const [welcome, ...numbers] = story.lines(connection);
    const [word, id, token, epoch] = welcome!.split(" ");
    assertEquals([word, epoch], ["WELCOME", "1"]);
    const session: Session = {
      ...{ id: id!, token: token!, previous: undefined, epoch: 1, state: "open", finished: false },
      ...{ sent: 0, confirmed: 0, asked: false, pings: 0, connection, expiresAt: Infinity },
    };
    assert(model.sessions.every((other) => other.id !== id), "A session was given twice");
    model.sessions.push(session);
    assertEquals(numbers.map(words), proceed(session));
  }),
);
const resume = fc.tuple(WHICH, fc.constantFrom("token", "previous", "wrong"), fc.nat(LENGTH)).map(
  ([which, kind, ahead]) =>
    ofSession(
      `RESUME ${which} with ${kind}, ${ahead} ahead`,
      which,
      async (model, story, session) => {
        const connection = ++model.opened, old = session.connection;
        const next = Math.min(LENGTH, session.confirmed + ahead);
        const token = kind === "token" ? session.token : kind === "previous" && session.previous;
        await story.open(connection, `RESUME 1 ${session.id} ${token || "0".repeat(32)} ${next}\n`);
        const [first, ...numbers] = story.lines(connection);
        const refusal = !token ? "UNKNOWN" : REFUSALS[session.state];
        if (refusal) {
          return assertEquals([words(first!), ...numbers], [`REJECTED ${refusal}`, "closed"]);
        }
        const [word, given, epoch, at] = first!.split(" ");
        assertEquals([word, epoch, at], ["RESUMED", `${session.epoch + 1}`, `${next}`]);
        if (old !== undefined) {
          assertEquals(story.lines(old), ["REPLACED", "closed"]);
        }
        Object.assign(session, {
          ...{ token: given!, previous: token, epoch: session.epoch + 1 },
          ...{ sent: next, confirmed: next, asked: false, pings: 0, finished: false },
          ...{ connection, expiresAt: Infinity },
        });
        assertEquals(numbers.map(words), proceed(session));
      },
    ),
);
const ack = fc.tuple(WHICH, fc.nat(4)).map(([which, ahead]) =>
  ofConnected(`ACK ${which}, ${ahead} ahead`, which, async (_, story, session, connection) => {
    const next = Math.min(LENGTH, session.confirmed + ahead);
    await story.say(connection, `ACK ${next}\n`);
    const said = story.lines(connection).map(words);
    if (next > session.sent) {
      lose(session, story.now);
      return assertEquals(said, ["REJECTED RANGE", "closed"]);
    }
    const asked = session.asked && next === session.confirmed;
    Object.assign(session, { confirmed: next, previous: undefined, asked });
    assertEquals(said, proceed(session));
  })
);
const finAck = WHICH.map((which) =>
  ofConnected(`FIN-ACK ${which}`, which, async (_, story, session, connection) => {
    await story.say(connection, "FIN-ACK\n");
    const said = story.lines(connection).map(words);
    if (session.finished) {
      Object.assign(session, { state: "completed", connection: undefined });
      return assertEquals(said, ["closed"]);
    }
    lose(session, story.now);
    assertEquals(said, ["REJECTED MALFORMED", "closed"]);
  })
);
const end = WHICH.map((which) =>
  ofConnected(`end(${which})`, which, async (_, story, session, connection) => {
    await story.end(connection);
    lose(session, story.now);
  })
);
const pass = MS.map((ms) =>
  server(`pass(${ms})`, async (model, story) => {
    await story.pass(story.now + ms);
    for (const session of model.sessions) {
      if (session.state === "open" && session.expiresAt <= story.now) session.state = "expired";
    }
  })
);

Deno.test(
  "model: a sequence server is a list of sessions",
  { permissions: "none" },
  () =>
    runSteps<Model, SequenceStory>(
      [hello, hello, resume, resume, resume, resume, ack, ack, ack, finAck, end, end, pass, pass],
      () => ({ model: { opened: 0, sessions: [] }, real: new SequenceStory(OPTIONS) }),
      { length: 60 },
    ),
);

function server(
  words: string,
  run: (model: Model, story: SequenceStory) => Promise<void>,
  may?: (model: Readonly<Model>) => boolean,
): Step<Model, SequenceStory> {
  return step(words, async (model, story) => {
    await run(model, story);
    const open = model.sessions.filter(({ state }) => state === "open");
    assertEquals(story.machine.size, open.length);
    for (const { id, epoch, state } of model.sessions) {
      const stored = await story.store.load(id);
      assertEquals([stored?.epoch, stored?.state], [epoch, state]);
    }
  }, may);
}

function ofSession(
  words: string,
  which: number,
  run: (model: Model, story: SequenceStory, session: Session) => Promise<void>,
): Step<Model, SequenceStory> {
  return server(words, async (model, story) => {
    await run(model, story, model.sessions[which % model.sessions.length]!);
  }, ({ sessions }) => sessions.length > 0);
}

function ofConnected(
  words: string,
  which: number,
  run: (model: Model, story: SequenceStory, session: Session, connection: number) => Promise<void>,
): Step<Model, SequenceStory> {
  const connected = ({ sessions }: Readonly<Model>) =>
    sessions.filter(({ connection }) => connection !== undefined);
  return server(words, async (model, story) => {
    const all = connected(model), session = all[which % all.length]!;
    await run(model, story, session, session.connection!);
  }, (model) => connected(model).length > 0);
}

/**
 * What is sent when there is room, in words: the last number is followed by FIN, once, and when more than
 * half of the window is used the client is asked, unless it was already.
 */
function proceed(session: Session): string[] {
  const said: string[] = [];
  const room = MOST_UNCONFIRMED - (session.sent - session.confirmed);
  for (let left = room; left > 0 && session.sent < LENGTH; left--) {
    said.push(`NUMBER ${session.sent++}`);
  }
  const used = session.sent - session.confirmed;
  const asks = said.length > 0 && used > MOST_UNCONFIRMED / 2 && session.sent < LENGTH;
  if (asks && !session.asked) {
    session.asked = true;
    said.push(`PING ${++session.pings}`);
  }
  if (session.sent === LENGTH && !session.finished) {
    session.finished = true;
    said.push(`FIN ${LENGTH}`);
  }
  return said;
}

function lose(session: Session, now: number): void {
  Object.assign(session, { connection: undefined, expiresAt: now + WINDOW });
}

/** The first two words of a line. */
function words(line: string): string {
  return line.split(" ", 2).join(" ");
}

const REFUSALS = { open: undefined, completed: "COMPLETED", expired: "EXPIRED" };
