/**
 * Brings a store that lost its newest writes to what a server holds.
 *
 * A snapshot that was restored, and a replica that took over and lagged, have a session as it was, under an
 * epoch that is over, or not at all. That is no takeover: nobody has a higher epoch than we.
 *
 * Laws: it uses what every store can do. A session that was forgotten is created again, under its epoch; one
 * of an earlier epoch is raised to ours, epoch by epoch, each by compare-and-set. So a server that
 * has a higher epoch is never overruled, and several that write back at once end with the highest.
 *
 * @module
 */
import type { Reports } from "./reports.ts";
import type { Step } from "./step.ts";
import type { SequenceSession } from "./store.ts";
import type { StoreRequests } from "./store_requests.ts";

/**
 * What it came to. `written`: the store has the session as we do. `taken`: another server has a higher epoch.
 * `failed`: the store did, or others changed the session all the time.
 */
export type WriteBackOutcome = "written" | "taken" | "failed";

/** Writes sessions back, one question after the other. */
export class WriteBack {
  readonly #requests: StoreRequests;
  readonly #reports: Reports;

  /** What was written back is told to `reports`. */
  constructor(requests: StoreRequests, reports: Reports) {
    this.#requests = requests;
    this.#reports = reports;
  }

  /** Makes the store have `record`, where it was found to have `found`, which is behind. */
  write(
    record: SequenceSession,
    found: SequenceSession | undefined,
    done: Work["done"],
    step: Step,
  ): void {
    this.#go({ record, done, tries: 0 }, found, step);
  }

  #go(work: Work, found: SequenceSession | undefined, step: Step): void {
    const { record, done } = work;
    const { id, expiresAt, tokenHash, previousTokenHash = tokenHash } = record;
    if (!found) {
      return this.#ask({ type: "create", session: record }, work, record, step);
    }
    const { epoch } = found;
    if (epoch > record.epoch) return done("taken", step);
    if (epoch === record.epoch || found.state !== "open") {
      const confirmed = epoch === record.epoch && record.previousTokenHash === undefined;
      const change = { next: record.next, confirmed, expiresAt };
      const opened = { ...found, state: "open" } as const;
      return this.#ask({ type: "progress", id, epoch, change }, work, opened, step);
    }
    const change = { tokenHash, previousTokenHash, expiresAt };
    const raised = { ...found, ...change, epoch: epoch + 1 };
    this.#ask({ type: "resume", id, epoch, change }, work, raised, step);
  }

  /** Makes one call, after which the store has `then`, and goes on from there. */
  #ask(
    call: Parameters<StoreRequests["ask"]>[0],
    work: Work,
    then: SequenceSession,
    step: Step,
  ): void {
    this.#requests.ask(call, (answer, later) => {
      if (answer.type !== "stored") return work.done("failed", later);
      if (!answer.changed) return this.#lookAgain(work, later);
      // Its last call is the one that has the place in it, too.
      const last = call.type === "create" ||
        call.type === "progress" && call.epoch === work.record.epoch;
      if (!last) return this.#go(work, then, later);
      this.#reports.count({ type: "written-back", session: work.record.id }, later);
      work.done("written", later);
    }, step);
  }

  /** Somebody changed it meanwhile: another server that writes back, or this client's older attempt. */
  #lookAgain(work: Work, step: Step): void {
    if (++work.tries >= MOST_TRIES) return work.done("failed", step);
    this.#requests.ask({ type: "load", id: work.record.id }, (answer, later) => {
      if (answer.type === "loaded") this.#go(work, answer.session, later);
      else work.done("failed", later);
    }, step);
  }
}

/** One session on its way back. */
interface Work {
  readonly record: SequenceSession;
  readonly done: (outcome: WriteBackOutcome, step: Step) => void;
  tries: number;
}

/** Changes by others until it is left to the next save. */
const MOST_TRIES = 3;
