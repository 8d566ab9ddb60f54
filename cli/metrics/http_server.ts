/**
 * Metrics over HTTP, for this machine only.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { failure } from "../../net/failure.ts";
import { type Metric, OPEN_METRICS_TYPE, openMetrics } from "./open_metrics.ts";

/** A page of metrics that is being served. */
export class MetricsPage {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Serves what `read` returns under `/metrics`, read anew for every request.
   *
   * @param port 0 for any free one
   * @throws {HeartlineError} `address-in-use`, `permission-denied`
   */
  static async open(port: number, read: () => readonly Metric[]): Promise<MetricsPage> {
    const server = createServer((request, response) => answer(request, response, read));
    server.listen(port, HOST);
    try {
      await once(server, "listening");
    } catch (error) {
      throw failure("serve metrics on", { hostname: HOST, port }, error);
    }
    return new MetricsPage(server);
  }

  /** Where it is. */
  get url(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}${PATH}`;
  }

  /** Serves no more, and drops the connections of scrapers that keep theirs open. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  read: () => readonly Metric[],
): void {
  if (url?.split("?", 1)[0] !== PATH) {
    response.writeHead(404, { "content-type": "text/plain" }).end(`Metrics are under ${PATH}\n`);
  } else if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
  } else {
    const text = openMetrics(read());
    response.writeHead(200, {
      "content-type": OPEN_METRICS_TYPE,
      "content-length": Buffer.byteLength(text),
    }).end(text);
  }
}

/** Metrics name the addresses of clients, so only this machine may read them. */
const HOST = "127.0.0.1";
const PATH = "/metrics";
