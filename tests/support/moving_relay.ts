/**
 * A name behind which a server may be another one tomorrow: a relay whose target moves.
 *
 * @module
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Joins each connection to where it points when the connection comes; those that are open stay. */
export class MovingRelay implements AsyncDisposable {
  /** The port on this machine that new connections are led to. */
  target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((client) => {
      const server = connect(this.target, "127.0.0.1");
      for (const [one, other] of [[client, server], [server, client]] as const) {
        this.#sockets.add(one);
        one.on("error", () => {}).on("close", () => other.destroy()).pipe(other);
      }
    });
  }

  /** Listens on a free port. */
  static async open(target: number): Promise<MovingRelay> {
    const relay = new MovingRelay(target);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  /** Where it listens on this machine. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
