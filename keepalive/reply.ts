/**
 * How an application answers DATA: one after the other, and no more than can be sent.
 *
 * @module
 */
import { messageOf } from "../core/errors.ts";
import { escapePayload } from "./message.ts";

/**
 * Makes the payload of the REPLY to a DATA, now or later; `undefined` sends none. It is called for one DATA of a
 * connection after the other, the next time when it has answered: what comes meanwhile waits, and once 64 KiB do
 * nothing more is read from the peer. If it throws, or gives what is no payload, its connection ends with the
 * reason `user-code`, and all others go on.
 */
export type KeepaliveReplier = (
  payload: string,
  from: string,
) => string | undefined | Promise<string | undefined>;

/** What becomes of the questions to the application. */
export interface Answering {
  /** Whether one more answer may be sent. */
  mayAnswer(): boolean;
  /** It gave this answer. */
  send(id: number, reply: string): void;
  /** It gave none that can be sent; `message` says why. It is asked no more. */
  failed(message: string): void;
  /** More may be read from the peer, after `isFull` was true. */
  freed(): void;
  /** There is a bug, and not in the application. */
  crash(error: unknown): void;
}

/** The DATA of one connection on its way to the application. */
export class Replies {
  /** Whose DATA it is, as `host:port`. */
  readonly from: string;
  readonly #reply: KeepaliveReplier | undefined;
  readonly #answering: Answering;
  /** What is to be answered yet, the first first. */
  readonly #waiting: Question[] = [];
  #weight = 0;
  /** It is being asked. */
  #asking = false;
  #over = false;
  #wasFull = false;

  /** Without questions; without `reply` an answer says the same as its question. */
  constructor(reply: KeepaliveReplier | undefined, from: string, answering: Answering) {
    this.#reply = reply;
    this.from = from;
    this.#answering = answering;
  }

  /** Whether so many questions wait that no more should be read. */
  isFull(): boolean {
    return this.#wasFull = this.#weight >= MOST_WAITING;
  }

  /** Asks, once all before it is answered. */
  ask(id: number, payload: string): void {
    if (this.#over) return;
    this.#waiting.push({ id, payload });
    this.#weight += payload.length + QUESTION_WEIGHT;
    this.goOn();
  }

  /** Asks on, where nothing stands in the way any more. */
  goOn(): void {
    while (!this.#asking && this.#waiting.length > 0 && this.#answering.mayAnswer()) {
      this.#askNext();
    }
    if (!this.#wasFull || this.#weight > MOST_WAITING / 2) return;
    this.#wasFull = false;
    this.#answering.freed();
  }

  /** Asks no more. */
  stop(): void {
    this.#over = true;
    this.#waiting.length = 0;
    this.#weight = 0;
  }

  #askNext(): void {
    const { id, payload } = this.#waiting.shift()!;
    this.#weight -= payload.length + QUESTION_WEIGHT;
    this.#asking = true;
    let answer: ReturnType<KeepaliveReplier>;
    try {
      answer = this.#reply ? this.#reply(payload, this.from) : payload;
    } catch (error) {
      return this.#fail(error);
    }
    if (typeof answer !== "object") return this.#take(id, answer);
    Promise.resolve(answer)
      .then((answer) => this.#take(id, answer), (error) => this.#fail(error))
      .then(() => this.goOn())
      .catch((bug) => this.#answering.crash(bug));
  }

  #take(id: number, answer: string | undefined): void {
    try {
      if (answer !== undefined) escapePayload(checked(answer));
    } catch (error) {
      return this.#fail(error);
    }
    this.#asking = false;
    if (answer !== undefined && !this.#over) this.#answering.send(id, answer);
  }

  #fail(error: unknown): void {
    this.#asking = false;
    if (this.#over) return;
    this.stop();
    this.#answering.failed(messageOf(error));
  }
}

/** A DATA that waits. */
interface Question {
  readonly id: number;
  readonly payload: string;
}

/** The compiler knows, and JavaScript does not. */
function checked(answer: unknown): string {
  if (typeof answer === "string") return answer;
  throw new Error(`wanted text or undefined of reply, current value is ${messageOf(answer)}`);
}

/** In characters: as much as may wait for the peer. */
const MOST_WAITING = 65_536;
/** About what a question costs beside its payload, in characters. */
const QUESTION_WEIGHT = 64;
