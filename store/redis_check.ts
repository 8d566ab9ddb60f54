/**
 * What is wrong with a Redis, or among the servers on it, as far as it can be seen.
 *
 * Each server leaves in Redis by how much its clock is ahead of that of Redis, and for how long it keeps
 * sessions; so each can compare itself with all. The clock of Redis is the yardstick and no more.
 *
 * @module
 */
import type { StoreUser, StoreWarning } from "../sequence/store.ts";
import type { RedisReply } from "./redis_connection.ts";

/** What one server leaves for the others. */
export interface ServerMark {
  /** Ms by which its clock is ahead of that of Redis. */
  readonly ahead: number;
  /** Ms it keeps a session without a connection. */
  readonly sessionTtl: number;
}

/** What the script `check` says. */
export interface RedisFacts {
  /** The clock of Redis, in ms since 1970. */
  readonly now: number;
  /** The `maxmemory-policy`; empty if we may not know. */
  readonly policy: string;
  /** What the other servers left of late. */
  readonly others: readonly ServerMark[];
}

/** Asks Redis, and knows how its clock stands to ours. */
export class RedisCheck {
  readonly #run: (values: readonly unknown[]) => Promise<RedisReply>;
  readonly #wall: () => number;
  readonly #tombstoneLife: number;
  #ahead: number | undefined;

  /** `run` runs the script; `wall` is our clock. */
  constructor(
    run: (values: readonly unknown[]) => Promise<RedisReply>,
    { wall, tombstoneLife }: { readonly wall: () => number; readonly tombstoneLife: number },
  ) {
    this.#run = run;
    this.#wall = wall;
    this.#tombstoneLife = tombstoneLife;
  }

  /** All that is wrong now. */
  async warnings({ id, sessionTtl }: StoreUser): Promise<readonly StoreWarning[]> {
    // The first answer only tells how the clocks stand, which then goes out with the second.
    if (this.#ahead === undefined) await this.#ask(id, sessionTtl);
    const facts = await this.#ask(id, sessionTtl);
    const own = this.#ahead === undefined ? undefined : { ahead: this.#ahead, sessionTtl };
    return warningsOf(facts, own, this.#tombstoneLife);
  }

  async #ask(id: string, sessionTtl: number): Promise<RedisFacts> {
    const asked = this.#wall();
    const ahead = this.#ahead === undefined ? "" : Math.round(this.#ahead);
    const facts = factsIn(await this.#run([id, ahead, sessionTtl, MARK_LIFE]));
    const answered = this.#wall();
    const took = answered - asked;
    // A slow answer, or a clock that was set meanwhile, says nothing.
    if (took >= 0 && took <= LONGEST_ANSWER) this.#ahead = (asked + answered) / 2 - facts.now;
    return facts;
  }
}

/** All that is wrong; `own` is what we leave for the others, if we know it. */
export function warningsOf(
  { policy, others }: RedisFacts,
  own: ServerMark | undefined,
  tombstoneLife: number,
): readonly StoreWarning[] {
  const warnings: StoreWarning[] = [];
  if (policy !== "" && policy !== "noeviction") {
    const message =
      `Redis may forget sessions to save memory: wanted maxmemory-policy noeviction, current value is ${policy}`;
    warnings.push({ code: "evicts", message });
  }
  if (!own) return warnings;
  const { ahead, sessionTtl } = own;
  const apart = Math.max(0, ...others.map((other) => Math.abs(other.ahead - ahead)));
  if (apart > MOST_APART) {
    const message = `The clocks of this server and another one on this Redis are ${
      seconds(apart)
    } apart: wanted at most ${seconds(MOST_APART)}; sessions may expire too early or too late`;
    warnings.push({ code: "clock", message });
  } else if (Math.abs(ahead) > tombstoneLife / 2) {
    const message = `The clocks of this server and of Redis are ${
      seconds(Math.abs(ahead))
    } apart: wanted at most ${seconds(tombstoneLife / 2)}; sessions may be forgotten too early`;
    warnings.push({ code: "clock", message });
  }
  const other = others.find((one) => one.sessionTtl !== sessionTtl);
  if (other) {
    const message = `This server keeps sessions for ${
      seconds(sessionTtl)
    }, another one on this Redis for ${seconds(other.sessionTtl)}: wanted the same window for all`;
    warnings.push({ code: "window", message });
  }
  return warnings;
}

/** Reads the answer of the script: time, policy, and the two numbers of each other server. */
function factsIn(reply: RedisReply): RedisFacts {
  const [now, policy, ...numbers] = reply as readonly string[];
  const others: ServerMark[] = [];
  for (let n = 0; n < numbers.length; n += 2) {
    others.push({ ahead: Number(numbers[n]), sessionTtl: Number(numbers[n + 1]) });
  }
  return { now: Number(now), policy: policy!, others };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** In ms: as docs/STORES.md asks of the clocks of servers. */
const MOST_APART = 1_000;
/** In ms: what an answer that took longer says of a clock may be wrong by half of it. */
const LONGEST_ANSWER = 200;
/** In ms: a server that said nothing for so long is gone. It says something every 10 s. */
const MARK_LIFE = 25_000;
