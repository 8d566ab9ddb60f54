/**
 * The metrics of real commands, fetched over HTTP and read by the parser of Prometheus.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Child, command } from "../support/process.ts";
import { parseOpenMetrics, PARSER } from "../support/open_metrics.ts";

/** Every command that serves, with the metric that it alone has. */
const SERVERS: [file: string, args: string[], service: string, own: string][] = [
  ["udp_server", ["--port", "0"], "udp-server", "heartline_heartbeats_total"],
  ["tcp_server", ["--port", "0"], "tcp-server", "heartline_heartbeats_total"],
  ["handshake_server", ["127.0.0.1", "0"], "handshake-server", "heartline_leases"],
  ["keepalive_server", ["127.0.0.1", "0"], "keepalive-server", "heartline_clients"],
  ["seq_server", ["0", "--store", "memory"], "sequence-server", "heartline_sessions"],
  ["seq_proxy", ["0", "1", "--no-keys"], "proxy", "heartline_links"],
];

async function urlOf(server: Child): Promise<string> {
  return String((await server.event("metrics")).url);
}

for (const [file, args, service, own] of SERVERS) {
  Deno.test({
    name: `${file} has metrics that the parser of Prometheus takes`,
    ignore: PARSER === undefined,
    async fn() {
      await using server = command(file, ...args, "--metrics", "0", "--json");
      const response = await fetch(await urlOf(server));
      assertEquals(
        response.headers.get("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
      );
      const samples = parseOpenMetrics(await response.text());
      const info = samples.find(({ name }) => name === "heartline_info");
      assertEquals(info?.labels.service, service);
      assert(samples.some(({ name }) => name === own));
      server.signal("SIGTERM");
      assertEquals([await server.exitCode(), server.err], [0, []]);
    },
  });
}

Deno.test("the metrics of a server are what it saw", async () => {
  await using server = command(
    "udp_server",
    ...["--port", "0", "--auto-register", "1s", "--metrics", "0", "--json"],
  );
  const { port } = await server.event("listening");
  // One burst: what falls due while a machine is too busy is not sent afterwards.
  const args = ["--port", String(port), "--period", "100ms", "--count", "1"];
  await using client = command("udp_client", ...args);
  assertEquals(await client.exitCode(), 0);
  const { client: name } = await server.event("down");
  const text = await (await fetch(await urlOf(server))).text();
  for (
    const line of [
      "heartline_heartbeats_total 10",
      `heartline_client_up{client="${name}"} 0`,
      'heartline_clients{state="down"} 1',
      'heartline_events_total{event="down"} 1',
    ]
  ) assertStringIncludes(text, `\n${line}\n`);
  const bytes = Number(/^heartline_received_bytes_total (\d+)$/m.exec(text)![1]);
  // "heartbeat 1 1795247576.4536" is 27 bytes; the number may have two digits, the time fewer.
  assert(bytes >= 10 * 20 && bytes <= 10 * 40, `${bytes} bytes`);
});

Deno.test("a client that is killed has its series, which says so", async () => {
  await using server = command("tcp_server", "--port", "0", "--metrics", "0", "--json");
  const { port } = await server.event("listening");
  await using client = command("tcp_client", "--port", String(port), "--interval", "100");
  const { client: name } = await server.event("up");
  client.signal("SIGKILL");
  await client.exitCode();
  await server.event("disconnected");
  const text = await (await fetch(await urlOf(server))).text();
  assertStringIncludes(text, `\nheartline_client_up{client="${name}"} 0\n`);
  assertStringIncludes(text, '\nheartline_clients{state="disconnected"} 1\n');
});

Deno.test("other paths and methods are told so", async () => {
  await using server = command("tcp_server", "--port", "0", "--metrics", "0", "--json");
  const url = await urlOf(server);
  const asked = async (path: string, method: string): Promise<[number, string]> => {
    const response = await fetch(new URL(path, url), { method });
    return [response.status, await response.text()];
  };
  assertEquals(await asked("/", "GET"), [404, "Metrics are under /metrics\n"]);
  assertEquals(await asked("/metrics", "POST"), [405, ""]);
  assertEquals(await asked("/metrics", "HEAD"), [200, ""]);
  assertEquals((await asked("/metrics?x=1", "GET"))[0], 200);
});

Deno.test("a taken port for metrics is said in one line, and nothing is served", async () => {
  await using first = command("tcp_server", "--port", "0", "--metrics", "0", "--json");
  const { port } = new URL(await urlOf(first));
  await using second = command("tcp_server", "--port", "0", "--metrics", port);
  assertEquals(await second.exitCode(), 1);
  assertEquals(second.err, [
    `ERROR Cannot serve metrics on 127.0.0.1:${port}: Address already in use; another program has it: ` +
    "give another --metrics, where port 0 is any free one",
  ]);
});
