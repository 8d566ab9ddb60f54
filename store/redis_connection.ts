/**
 * One connection to Redis, from the attempt to open it until it is lost.
 *
 * The package's own deadlines end when a command is written, and its handshake has none; so a Redis
 * that is frozen is noticed here: calls wait, and nothing is heard for the whole timeout. What the
 * package would do by itself after that, to queue and to connect again, is switched off.
 *
 * @module
 */
import type { createClient } from "@redis/client";
import type { Address } from "../core/address.ts";
import { readRefusal } from "./redis_refusal.ts";
import { readRedisUrl } from "./redis_url.ts";

/** What Redis may answer. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Where to connect to, and how long to wait. */
export interface RedisConnectionOptions {
  /** Makes a client of `@redis/client`. */
  readonly createClient: typeof createClient;
  /** As in {@linkcode openRedisStore}. */
  readonly url: string;
  /** Ms without a sign of life after which a connection with calls that wait is given up. */
  readonly timeout: number;
}

/** One connection; once it is lost it is not opened again. */
export class RedisConnection {
  /** Where Redis is asked. */
  readonly address: Address;
  /** Resolves to the reason when the connection is lost or closed. */
  readonly lost: Promise<unknown>;

  readonly #client: ReturnType<typeof createClient>;
  readonly #timeout: number;
  readonly #abort = new AbortController();
  #lose!: (reason: unknown) => void;
  #reason: unknown;
  #waiting = 0;
  /** Steps of the watch since something was heard. */
  #silent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Does nothing yet: see `open`; `elsewhere` is asked instead of the address in the URL. */
  constructor({ createClient, url, timeout }: RedisConnectionOptions, elsewhere?: Address) {
    const { address, tls, username, password, database } = readRedisUrl(url);
    this.address = elsewhere ?? address;
    this.lost = new Promise((resolve) => this.#lose = resolve);
    this.#timeout = timeout;
    this.#client = createClient({
      ...{ ...(username && { username }), ...(password && { password }), database },
      RESP: 2,
      disableClientInfo: true,
      disableOfflineQueue: true,
      maintNotifications: "disabled",
      commandsQueueMaxLength: MOST_WAITING,
      // 0 is none: the watch below covers both.
      commandOptions: { timeout: 0 },
      socket: {
        ...{ host: this.address.hostname, port: this.address.port, ...(tls && { tls }) },
        ...{ reconnectStrategy: false, connectTimeout: 0, signal: this.#abort.signal },
      },
    });
    this.#client.on("error", (error) => this.close(error));
  }

  /** Connects and authenticates. */
  async open(): Promise<void> {
    await this.#answer(this.#client.connect());
  }

  /**
   * Sends one command; those of one turn of the event loop go out together, in order. An answer after which
   * the connection is of no use ends it.
   */
  async call(...command: readonly string[]): Promise<RedisReply> {
    return await this.#answer(this.#client.sendCommand<RedisReply>(command));
  }

  /** Fails the calls that wait with `reason`; closing again does nothing. */
  close(reason: unknown): void {
    if (this.#abort.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#reason = reason;
    // The client forgets a socket that is still being opened; the signal does not.
    this.#abort.abort();
    this.#client.destroy();
    this.#lose(reason);
  }

  async #answer<Reply>(reply: Promise<Reply>): Promise<Reply> {
    if (this.#waiting++ === 0) {
      this.#silent = 0;
      this.#watch();
    }
    try {
      return await reply;
    } catch (error) {
      if (readRefusal(error, this.address)) this.close(error);
      throw this.#reason ?? error;
    } finally {
      this.#silent = 0;
      if (--this.#waiting === 0) clearTimeout(this.#timer);
    }
  }

  /** In steps: if this process was stopped, that counts as one, and what came meanwhile is read. */
  #watch(): void {
    this.#timer = setTimeout(() => {
      if (this.#silent++ < STEPS) return this.#watch();
      this.close(Object.assign(new Error("No answer"), { code: "ETIMEDOUT" }));
    }, this.#timeout / STEPS);
  }
}

/** Steps of the watch in one timeout. */
const STEPS = 4;
/** Calls that wait at most, some 50 MB; more fail at once. */
const MOST_WAITING = 100_000;
