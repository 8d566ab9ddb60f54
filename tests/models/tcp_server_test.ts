// The TCP server against a map of when each connection last brought a heartbeat.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatTcpHeartbeat } from "../../tcp/message.ts";
import type { TcpServerOutput } from "../../tcp/inputs.ts";
import { TcpServerMachine } from "../../tcp/server_machine.ts";
import { bytesOf } from "../fuzz/target.ts";
import { linesUntil } from "../support/story.ts";
import { runSteps, type Step, step } from "./step.ts";

const WALL = Date.UTC(2026, 0, 1);
const OPTIONS = { timeout: 200, grace: 20, closeAfter: 500, maxClients: 3, forgetAfter: 0 };
const PATIENCE = OPTIONS.timeout + OPTIONS.grace;
/** From the verdict until the connection is closed. */
const KEPT = OPTIONS.closeAfter - PATIENCE;

interface Client {
  state: "waiting" | "up" | "down";
  sequence: number;
  readonly connectedAt: number;
  heardAt: number;
  silentAt: number;
  due: number;
}

interface Model {
  now: number;
  /** Connections are numbered from 0. */
  opened: number;
  /** A connection was turned away, of which something is left to be said. */
  refused: boolean;
  readonly clients: Map<number, Client>;
}

const MS = fc.nat(15).map((n) => n * 20);
const WHICH = fc.nat(9);

const connect = fc.constant(
  server("connect()", (model, machine) => {
    const connection = model.opened++, { now } = model;
    const remote = { hostname: "10.0.0.1", port: connection };
    const said = machine.handle({ type: "opened", connection, remote, local: remote }, now);
    if (model.clients.size === OPTIONS.maxClients) {
      model.refused = true;
      return assertEquals(heard(said), [`close ${connection}`]);
    }
    assertEquals(heard(said), [`connected ${connection}`]);
    const times = { connectedAt: now, heardAt: now, silentAt: 0, due: now + PATIENCE };
    model.clients.set(connection, { state: "waiting", sequence: 0, ...times });
  }),
);
const beat = fc.tuple(WHICH, fc.nat(60)).map(([which, cut]) =>
  ofClient(`beat(${which}) cut at ${cut}`, which, (model, machine, connection, client) => {
    const sentAt = WALL + model.now;
    const bytes = bytesOf(formatTcpHeartbeat({ sequence: ++client.sequence, sentAt }));
    const said = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((part) => [
      ...machine.receive(connection, part, model.now),
    ]);
    const { now } = model, { silentAt, heardAt } = client;
    const back = `recovered ${connection} ${now - silentAt} ${now - heardAt}`;
    const first = `up ${connection}`;
    const change = { waiting: [first], up: [], down: [back] };
    assertEquals(heard(said), change[client.state]);
    Object.assign(client, { state: "up", heardAt: now, due: now + PATIENCE });
  })
);
const rubbish = WHICH.map((which) =>
  ofClient(`rubbish(${which})`, which, (model, machine, connection, client) => {
    const said = machine.receive(connection, bytesOf("rubbish. "), model.now);
    const gone = `disconnected ${connection} closed ${model.now - client.connectedAt}`;
    assertEquals(heard(said), [`rejected ${connection}`, `close ${connection}`, gone]);
    model.clients.delete(connection);
  })
);
const end = WHICH.map((which) =>
  ofClient(`end(${which})`, which, (model, machine, connection, client) => {
    const said = machine.handle({ type: "ended", connection, reason: "reset" }, model.now);
    const gone = `disconnected ${connection} reset ${model.now - client.connectedAt}`;
    assertEquals(heard(said), [gone]);
    model.clients.delete(connection);
  })
);
const pass = MS.map((ms) =>
  server(`pass(${ms})`, (model, machine) => {
    const until = model.now + ms, said = linesUntil(machine, until, heard, model.now);
    assertEquals(said.sort(), verdicts(model, until).sort());
    model.now = until;
  })
);
const stall = MS.map((by) =>
  server(`stall(${by})`, (model, machine) => {
    model.now += by;
    machine.stalled(by);
    for (const client of model.clients.values()) client.due += by;
  })
);

Deno.test("model: a TCP server is a map of when each connection was last heard", {
  permissions: "none",
}, () =>
  runSteps<Model, TcpServerMachine>(
    [connect, connect, beat, beat, beat, rubbish, end, pass, pass, pass, stall],
    () => ({
      model: { now: 0, opened: 0, refused: false, clients: new Map() },
      real: new TcpServerMachine(OPTIONS, { wall: (now) => WALL + now }),
    }),
    { length: 100 },
  ));

function server(
  words: string,
  run: (model: Model, machine: TcpServerMachine) => void,
  may?: (model: Readonly<Model>) => boolean,
): Step<Model, TcpServerMachine> {
  return step(words, (model, machine) => {
    run(model, machine);
    const found = machine.reports(model.now).map(({ client, state }) => [client, state]);
    const wanted = Array.from(model.clients, ([n, { state }]) => [`10.0.0.1:${n}`, state]);
    assertEquals(found, wanted);
    const idle = model.clients.size === 0 && !model.refused;
    assertEquals(idle && machine.deadline, idle && undefined, "Something is left of what is gone");
  }, may);
}

function ofClient(
  words: string,
  which: number,
  run: (model: Model, machine: TcpServerMachine, connection: number, client: Client) => void,
): Step<Model, TcpServerMachine> {
  return server(words, (model, machine) => {
    const [connection, client] = [...model.clients][which % model.clients.size]!;
    run(model, machine, connection, client);
  }, (model) => model.clients.size > 0);
}

function verdicts({ now, clients }: Model, until: number): string[] {
  return Array.from(clients).flatMap(([connection, client]) => {
    const said: string[] = [];
    let at = Math.max(now, client.due);
    if (client.state !== "down" && at <= until) {
      said.push(`${at} down ${connection} ${at - client.heardAt}`);
      Object.assign(client, { state: "down", silentAt: at, due: at + KEPT });
    }
    at = Math.max(now, client.due);
    if (client.state === "down" && at <= until) {
      const gone = `disconnected ${connection} silent ${at - client.connectedAt}`;
      said.push(`${at} close ${connection}`, `${at} ${gone}`);
      clients.delete(connection);
    }
    return said;
  });
}

function heard(outputs: readonly TcpServerOutput[]): string[] {
  const numberOf = (client: string) => client.split(":")[1];
  return outputs.flatMap((output) => {
    switch (output.type) {
      case "close":
        return [`close ${output.connection}`];
      case "rejected":
        // Said once a second of all of them, and not the model's.
        return output.reason === "too-many-clients" ? [] : [`rejected ${numberOf(output.client)}`];
      case "connected":
      case "up":
        return [`${output.type} ${numberOf(output.client)}`];
      case "down":
        return [`down ${numberOf(output.client)} ${output.silentFor}`];
      case "recovered":
        return [`recovered ${numberOf(output.client)} ${output.downFor} ${output.silentFor}`];
      case "disconnected":
        return [`disconnected ${numberOf(output.client)} ${output.reason} ${output.connectedFor}`];
      default:
        return [];
    }
  });
}
