/**
 * A real `redis-server` of a test's own, which may be frozen, killed and started again on its data.
 *
 * @module
 */
import { createClient } from "@redis/client";
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free_port.ts";
import { RedisConnection, type RedisReply } from "../../store/redis_connection.ts";
import { Child } from "./process.ts";

/** Whether this machine has Redis; tests that need it are skipped where it has none. */
export const hasRedis: boolean = isInstalled();

/** A test that is skipped, and says why, where there is no Redis. */
export function redisTest(
  name: string,
  run: (redis: RedisServer) => Promise<void>,
  ...options: string[]
): void {
  Deno.test({
    name: hasRedis ? name : `${name} (skipped: redis-server is not installed)`,
    ignore: !hasRedis,
    async fn() {
      await using redis = await RedisServer.start(...options);
      await run(redis);
    },
  });
}

/** A running Redis, which cannot be asked for port 0, on a free port of this machine, with an append-only file in a folder of its own. */
export class RedisServer implements AsyncDisposable {
  readonly #port: number;
  readonly #folder: string;
  readonly #options: readonly string[];
  #process: Child | undefined;

  private constructor(port: number, folder: string, options: readonly string[]) {
    this.#port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** Starts it; `options` are those of the command. */
  static async start(...options: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), "heartline-"));
    const server = new RedisServer(await freePort(), folder, options);
    await server.restart();
    return server;
  }

  /** Where it listens on this machine. */
  get port(): string {
    return `${this.#port}`;
  }

  /** How a client names it. */
  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Starts it again on the data that it left. */
  async restart(): Promise<void> {
    this.#process = new Child("redis-server", [
      ...["--port", `${this.#port}`, "--bind", "127.0.0.1", "--dir", this.#folder],
      ...["--save", "", "--appendonly", "yes", "--appendfsync", "always"],
      ...this.#options,
    ]);
    await this.#process.line((line) => line.includes("Ready to accept connections"));
  }

  /** Ends it as a power failure would. */
  async kill(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }

  /** Copies its data; what is returned starts it again on the copy, as if all since then were lost. */
  async snapshot(): Promise<() => Promise<void>> {
    const [data, copy] = [join(this.#folder, "appendonlydir"), join(this.#folder, "copy")];
    await cp(data, copy, { recursive: true });
    return async () => {
      await this.kill();
      await rm(data, { recursive: true });
      await cp(copy, data, { recursive: true });
      await this.restart();
    };
  }

  /** Lets it answer nothing until `thaw`. */
  freeze(): void {
    this.#process?.signal("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.#process?.signal("SIGCONT");
  }

  /** Sends one command over a connection of its own. */
  async ask(...command: string[]): Promise<RedisReply> {
    const connection = new RedisConnection({ createClient, url: this.url, timeout: 60_000 });
    try {
      await connection.open();
      return await connection.call(...command);
    } finally {
      connection.close(undefined);
    }
  }

  /** Kills it and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }
}

function isInstalled(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}
