/**
 * A TCP relay in the test's own process whose connections can be cut without anybody noticing.
 *
 * @module
 */
import type { Address } from "../../core/address.ts";
import { openNet } from "../../net/open.ts";
import type { StreamConnection } from "../../net/stream.ts";

/** One way through the relay: what is sent while it is held waits, as behind a dead router. */
class Way {
  #held: Uint8Array[] = [];
  #holding = false;

  constructor(readonly to: () => StreamConnection | undefined) {}

  hold(): void {
    this.#holding = true;
  }

  heal(): void {
    this.#holding = false;
    for (const bytes of this.#held.splice(0)) this.#pass(bytes);
  }

  take(bytes: Uint8Array): void {
    // The adapter uses its buffer again.
    if (this.#holding) this.#held.push(bytes.slice());
    else this.#pass(bytes.slice());
  }

  #pass(bytes: Uint8Array): void {
    this.to()?.write(bytes).catch(() => {});
  }
}

/** A relay for one connection to `target`. */
export class TcpRelay implements AsyncDisposable {
  /** What the client sends. */
  readonly toServer: Way = new Way(() => this.#server);
  /** What the server sends. */
  readonly toClient: Way = new Way(() => this.#client);
  #server: StreamConnection | undefined;
  #client: StreamConnection | undefined;

  private constructor(readonly address: Address, readonly close: () => Promise<void>) {}

  /** Listens on a free port. */
  static async open(target: Address): Promise<TcpRelay> {
    const net = await openNet();
    const listener = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
    const running: Promise<unknown>[] = [];
    const relay = new TcpRelay(listener.address, async () => {
      listener.close();
      relay.#client?.close();
      relay.#server?.close();
      await Promise.all(running);
    });
    running.push(listener.accept((client) => {
      relay.#client = client;
      running.push(relay.#join(client, net.connectStream(target)));
    }, () => {}));
    return relay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The ends of the streams do not pass: a dead connection carries no FIN. */
  async #join(client: StreamConnection, server: Promise<StreamConnection>): Promise<void> {
    this.#server = await server;
    await Promise.all([
      client.receive((bytes) => this.toServer.take(bytes)).catch(() => {}),
      this.#server.receive((bytes) => this.toClient.take(bytes)).catch(() => {}),
    ]);
  }
}
