import { assertEquals } from "@std/assert";
import type { TcpServerEvent } from "../../tcp/events.ts";
import { Anomalies } from "../../tcp/anomalies.ts";

Deno.test(
  "restarts too many to be said one by one are counted, with the last fall of the numbers",
  {
    permissions: "none",
  },
  () => {
    const anomalies = new Anomalies("client:1");
    const events: TcpServerEvent[] = [];
    for (let n = 1; n <= 100; n++) anomalies.restarted(1_000 + n, n, n, events);
    const before = events.length;
    anomalies.flush(200, events);
    assertEquals(events.slice(before) as unknown[], [
      { type: "restarted", client: "client:1", from: 1_100, to: 100, count: 100 - before },
    ]);
  },
);
