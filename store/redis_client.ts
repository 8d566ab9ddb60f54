/**
 * A client of Redis that connects again when its connection is lost.
 *
 * Nothing waits for Redis to come back: a call fails at once where there is no connection, and together
 * with the connection it waits on. Whoever asked decides whether to ask again.
 *
 * @module
 */
import { formatAddress } from "../core/address.ts";
import { fullJitter } from "../core/backoff.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import { failure } from "../net/failure.ts";
import {
  RedisConnection,
  type RedisConnectionOptions,
  type RedisReply,
} from "./redis_connection.ts";
import { readRefusal, refusalError } from "./redis_refusal.ts";

/** What a {@linkcode RedisClient} needs. */
export interface RedisClientOptions<Name extends string> extends RedisConnectionOptions {
  /** Lua, by name. */
  readonly scripts: Readonly<Record<Name, string>>;
  /** Which of them is tried first on every connection, with these keys: it fails where Redis cannot be used. */
  readonly probe: { readonly name: Name; readonly keys: readonly string[] };
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
  /**
   * Resolves after the first attempt to connect, whatever its outcome; if that was told to go elsewhere, after
   * the second.
   */
  readonly attempted: Promise<void>;

  readonly #options: RedisClientOptions<Name>;
  readonly #running: Promise<void>;
  #attempted!: () => void;
  /** The newest connection; calls go out on it once its `hashes` are there. */
  #connection: RedisConnection;
  #hashes: ReadonlyMap<Name, string> | undefined;
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
   * Runs a script; Redis does nothing else meanwhile.
   *
   * @throws {HeartlineError} with a code that says why Redis cannot be used
   */
  async run(name: Name, keys: readonly string[], values: readonly unknown[]): Promise<RedisReply> {
    const connection = this.#connection, hash = this.#hashes?.get(name);
    if (hash === undefined) throw this.#fault ?? this.#named(new Error("Not connected yet"));
    const rest = [`${keys.length}`, ...keys, ...values.map(String)];
    try {
      return await connection.call("EVALSHA", hash, ...rest).catch((error: Error) => {
        // Somebody flushed the cache of scripts.
        if (!error.message.startsWith("NOSCRIPT")) throw error;
        return connection.call("EVAL", this.#options.scripts[name], ...rest);
      });
    } catch (error) {
      throw this.#named(error, connection);
    }
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
      let reason: unknown;
      try {
        this.#hashes = await this.#open();
        failures = 0;
        connected(awaySince);
        this.#attempted();
        reason = await this.#connection.lost;
      } catch (error) {
        reason = error;
      }
      this.#fault = this.#named(reason);
      // A Redis that froze did so up to two timeouts before it was noticed.
      if (this.#hashes || awaySince === undefined) awaySince = wall() - 2 * timeout;
      this.#hashes = undefined;
      this.#connection.close(this.#fault);
      const { elsewhere } = readRefusal(reason, this.#connection.address) ?? {};
      if (!elsewhere || failures > 0) this.#attempted();
      if (this.#closed) return;
      await this.#pause(fullJitter(failures, random, BACKOFF));
      // Whoever is named is asked once; after that the name in the URL is resolved again.
      if (!this.#closed) this.#connection = new RedisConnection(this.#options, elsewhere);
    }
  }

  /**
   * Connects, leaves the scripts with Redis, and sees that Redis can be used. It may let everybody in and
   * have no use for them: as a replica, while it loads its own data, with too few rights.
   */
  async #open(): Promise<ReadonlyMap<Name, string>> {
    const connection = this.#connection, { scripts, probe } = this.#options;
    await connection.open();
    const hashes = new Map(
      await Promise.all((Object.keys(scripts) as Name[]).map(async (name) => {
        return [name, String(await connection.call("SCRIPT", "LOAD", scripts[name]))] as const;
      })),
    );
    const { name, keys } = probe;
    await connection.call("EVALSHA", hashes.get(name)!, `${keys.length}`, ...keys);
    return hashes;
  }

  #named(error: unknown, { address } = this.#connection): HeartlineError {
    const refusal = readRefusal(error, address);
    return refusal
      ? refusalError(formatAddress(address), refusal)
      : failure("use Redis at", address, error);
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
