/**
 * What Deno's own OpenTelemetry sends to a collector, from an example and from a command.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Child } from "../support/process.ts";

/** The part of OTLP's JSON that is looked at. */
interface Export {
  resourceMetrics?: { scopeMetrics: { scope: { name: string }; metrics: Metric[] }[] }[];
}

interface Metric {
  name: string;
  unit: string;
  sum: {
    isMonotonic?: boolean;
    dataPoints: { attributes: Attribute[]; asInt?: string; asDouble?: number }[];
  };
}

interface Attribute {
  key: string;
  value: { stringValue: string };
}

/** A collector on a free port that resolves when a number was sent that fits `wanted`. */
function collector(wanted: (line: string) => boolean) {
  const found = Promise.withResolvers<string>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const line = linesOf(await request.json()).find(wanted);
    if (line !== undefined) found.resolve(line);
    return Response.json({});
  });
  return { found: found.promise, server, port: server.addr.port };
}

/** Each number of ours as `name attributes: value`. */
function linesOf({ resourceMetrics = [] }: Export): string[] {
  return resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics)
    .filter(({ scope }) => scope.name === "heartline")
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ name, sum }) =>
      sum.dataPoints.map(({ attributes, asInt, asDouble }) => {
        const values = attributes.map(({ value }) => value.stringValue).sort();
        return `${[name, ...values].join(" ")}: ${asDouble ?? asInt}`;
      })
    );
}

const PROGRAMS: [name: string, args: string[], wanted: string][] = [
  [
    "the example",
    ["examples/open_telemetry.ts"],
    "heartline.events connected tcp-client: 1",
  ],
  [
    "a command",
    ["cli/keepalive_server.ts", "127.0.0.1", "0"],
    "heartline.services keepalive-server: 1",
  ],
];

for (const [name, [path, ...args], wanted] of PROGRAMS) {
  Deno.test(`${name} exports its numbers through Deno's OpenTelemetry where it is on`, async () => {
    const { found, server, port } = collector((line) => line === wanted);
    const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
    const settings = {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_METRIC_EXPORT_INTERVAL: "200",
    };
    const run = ["run", "--quiet", "--allow-net", "--allow-read", file, ...args];
    await using child = new Child(process.execPath, run, { settings });
    assertEquals(await found, wanted);
    assertEquals(child.err, []);
    await server.shutdown();
  });
}
