/**
 * A client of Redis that connects again when its connection is lost.
 *
 * Nothing waits for Redis to come back: a call fails at once where there is no connection, and together
 * with the connection it waits on. Whoever asked decides whether to ask again.
 *
 * @module
 */
import { fullJitter } from "../core/backoff.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { failure } from "../net/failure.ts";
import {
  RedisConnection,
  type RedisConnectionOptions,
  type RedisReply,
} from "./redis_connection.ts";
import { readRedisUrl } from "./redis_url.ts";

/** What a {@linkcode RedisClient} needs. */
export interface RedisClientOptions<Name extends string> extends RedisConnectionOptions {
  /** Lua, by name. */
  readonly scripts: Readonly<Record<Name, string>>;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Draws the waits between attempts to connect. */
  readonly random: Random;
  /**
   * Called when Redis can be used, before any other call is sent; `awaySince` is set unless this is the
   * first attempt.
   */
  readonly connected: (awaySince: number | undefined) => void;
}

/** Keeps one connection open for as long as it is not closed. */
export class RedisClient<Name extends string> {
  /** Resolves after the first attempt to connect, whatever its outcome. */
  readonly attempted: Promise<void>;

  readonly #options: RedisClientOptions<Name>;
  readonly #running: Promise<void>;
  #attempted!: () => void;
  /** The newest connection; calls go out on it once its `hashes` are there. */
  #connection: RedisConnection;
  #hashes: ReadonlyMap<string, string> | undefined;
  #fault: HeartlineError | undefined;
  #closed = false;
  #retryNow = (): void => {};

  /** Connects at once. */
  constructor(options: RedisClientOptions<Name>) {
    this.#options = options;
    this.#connection = new RedisConnection(options);
    this.attempted = new Promise((resolve) => this.#attempted = resolve);
    this.#running = this.#run();
  }

  /** Why Redis cannot be used now; `undefined` if it can. */
  get fault(): HeartlineError | undefined {
    return this.#hashes ? undefined : this.#fault;
  }

  /**
   * Sends one command.
   *
   * @throws {HeartlineError} with a code that says why Redis cannot be used
   */
  call(...command: readonly string[]): Promise<RedisReply> {
    return this.#attempt(() => this.#connection.call(...command));
  }

  /** Runs a script; Redis does nothing else meanwhile. @throws {HeartlineError} as `call` */
  run(name: Name, keys: readonly string[], values: readonly unknown[]): Promise<RedisReply> {
    const script = this.#options.scripts[name];
    const rest = [`${keys.length}`, ...keys, ...values.map(String)];
    return this.#attempt(async (hashes) => {
      const connection = this.#connection;
      try {
        return await connection.call("EVALSHA", hashes.get(script)!, ...rest);
      } catch (error) {
        // Somebody flushed the cache of scripts.
        if (!(error as Error).message.startsWith("NOSCRIPT")) throw error;
        return await connection.call("EVAL", script, ...rest);
      }
    });
  }

  /** Fails what waits and connects no more; calling it again does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retryNow();
    const fault = new HeartlineError("closed", "Cannot use Redis: the store is closed");
    this.#connection.close(fault);
    await this.#running;
    this.#fault = fault;
  }

  async #run(): Promise<void> {
    const { wall, random, connected, timeout } = this.#options;
    let awaySince: number | undefined;
    for (let failures = 0; !this.#closed; failures++) {
      try {
        this.#hashes = await this.#open();
        failures = 0;
        connected(awaySince);
        this.#attempted();
        this.#fault = this.#named(await this.#connection.lost);
      } catch (error) {
        this.#fault = this.#named(error);
      }
      // A Redis that froze did so up to two timeouts before it was noticed.
      if (this.#hashes || awaySince === undefined) awaySince = wall() - 2 * timeout;
      this.#hashes = undefined;
      this.#connection.close(this.#fault);
      this.#attempted();
      if (this.#closed) return;
      await this.#pause(fullJitter(failures, random, BACKOFF));
      if (!this.#closed) this.#connection = new RedisConnection(this.#options);
    }
  }

  /** Connects and leaves the scripts with Redis, which refuses them while it loads its own data. */
  async #open(): Promise<ReadonlyMap<string, string>> {
    const connection = this.#connection;
    await connection.open();
    const scripts = Object.values<string>(this.#options.scripts);
    const hashes = await Promise.all(
      scripts.map((script) => connection.call("SCRIPT", "LOAD", script)),
    );
    return new Map(scripts.map((script, n) => [script, String(hashes[n])]));
  }

  async #attempt(
    ask: (hashes: ReadonlyMap<string, string>) => Promise<RedisReply>,
  ): Promise<RedisReply> {
    if (!this.#hashes) throw this.#fault ?? this.#named(new Error("Not connected yet"));
    try {
      return await ask(this.#hashes);
    } catch (error) {
      throw this.#named(error);
    }
  }

  #named(error: unknown): HeartlineError {
    return failure("use Redis at", readRedisUrl(this.#options.url).address, error);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#retryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Soon, because clients wait; not all servers at once. */
const BACKOFF = { base: 100, cap: 2_000 };
