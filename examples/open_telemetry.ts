/**
 * Exports what Heartline counts through the OpenTelemetry that is built into Deno:
 *
 *     OTEL_DENO=true OTEL_METRIC_EXPORT_INTERVAL=1000 \
 *       deno run --allow-net examples/open_telemetry.ts
 *
 * Deno sends to the OTLP collector at OTEL_EXPORTER_OTLP_ENDPOINT, by default localhost:4318, every
 * OTEL_METRIC_EXPORT_INTERVAL ms. With Node, register a MeterProvider of `@opentelemetry/sdk-metrics`
 * before the call below.
 */
import { exportTelemetry } from "@heartline/heartline/telemetry";
import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";

exportTelemetry(); // before the services it is to see

const server = await serveTcpHeartbeats({ port: 0 });
const client = await sendTcpHeartbeats({ port: server.address.port, interval: 100, count: 30 });
for await (const event of client) if (event.type === "done") console.log(`sent ${event.sent}`);
await server.close();
console.log("closed");
