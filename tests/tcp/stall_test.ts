import { assertEquals } from "@std/assert";
import { Driver } from "../../core/drive.ts";
import { formatTcpHeartbeat } from "../../tcp/message.ts";
import type { TcpServerInput } from "../../tcp/inputs.ts";
import { TcpServerMachine } from "../../tcp/server_machine.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const CLIENTS = 1_000;

Deno.test("1,000 live clients, the server stopped for 30 s: none is down but the dead one", {
  permissions: "none",
}, () => {
  const clock = new VirtualClock();
  const said: string[] = [];
  const machine = new TcpServerMachine({}, { wall: (now) => clock.wall(now) });
  const driver = new Driver<TcpServerInput, { readonly type: string }>(machine, {
    clock,
    deliver(outputs) {
      for (const output of outputs) {
        if (!["connected", "up"].includes(output.type)) said.push(`${clock.now()} ${output.type}`);
      }
    },
  });
  const beat = (connection: number, sequence: number) => {
    const sentAt = clock.wall(clock.now());
    const bytes = new TextEncoder().encode(formatTcpHeartbeat({ sequence, sentAt }));
    driver.handle({ type: "data", connection, bytes });
  };
  for (let connection = 1; connection <= CLIENTS; connection++) {
    const remote = { hostname: "10.0.0.1", port: connection };
    driver.handle({ type: "opened", connection, remote, local: remote });
    beat(connection, 1);
  }
  clock.advance(5_000);
  clock.stall(30_000);
  // The timer is overdue, and fires before the kernel's bytes are read.
  clock.advance(0);
  for (let connection = 2; connection <= CLIENTS; connection++) beat(connection, 2);
  clock.advance(9_000);
  for (let connection = 2; connection <= CLIENTS; connection++) beat(connection, 3);
  driver.close();
  assertEquals(said, ["35000 stalled", "40000 down"]);
});
