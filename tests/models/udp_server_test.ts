// The UDP server against a map of when each client was last heard.

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseAddress } from "../../core/address.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import { UdpServerMachine } from "../../udp/server_machine.ts";
import type { UdpServerOutput } from "../../udp/inputs.ts";
import { checkUdpServerSnapshot } from "../../udp/server_snapshot.ts";
import { linesUntil } from "../support/story.ts";
import { runSteps, type Step, step } from "./step.ts";

const WALL = Date.UTC(2026, 0, 1);
const OPTIONS = { autoRegisterTimeout: 300, grace: 10, forgetAfter: 500, maxClients: 3 };

/** A client: silent since when, and whether it is known to be. */
interface Client {
  timeout: number;
  automatic: boolean;
  state: "waiting" | "up" | "down";
  /** When it was last heard. */
  heardAt: number;
  /** From when on its silence counts: later, if this process stood still. */
  since: number;
  downAt: number;
  /** When it is forgotten. */
  forgetAt: number;
}

interface Model {
  now: number;
  readonly clients: Map<string, Client>;
}

/** Told its inputs; restarted, it goes on from what it saved. */
interface Real {
  machine: UdpServerMachine;
}

const NAME = fc.nat(4).map((n) => `10.0.0.${n}:5001`);
const MS = fc.nat(15).map((n) => n * 20);

const beat = NAME.map((client) =>
  server(`beat(${client})`, (model, { machine }) => {
    const bytes = encodeHeartbeat({ sequence: 1, sentAt: WALL + model.now });
    const said = machine.receive(bytes, parseAddress(client), model.now, WALL + model.now);
    assertEquals(heard(said), hear(model, client));
  })
);
const register = fc.tuple(NAME, MS).map(([client, ms]) =>
  server(`register(${client}, ${ms + 20})`, (model, { machine }) => {
    const timeout = ms + 20, known = model.clients.get(client);
    machine.handle({ type: "register", client: { address: client, timeout } }, model.now);
    if (known) Object.assign(known, { timeout, automatic: false, forgetAt: Infinity });
    else model.clients.set(client, fresh(model.now, timeout, false));
  })
);
const unregister = NAME.map((address) =>
  server(`unregister(${address})`, (model, { machine }) => {
    machine.handle({ type: "unregister", address }, model.now);
    model.clients.delete(address);
  })
);
const pass = MS.map((ms) =>
  server(`pass(${ms})`, (model, { machine }) => {
    const until = model.now + ms, said = linesUntil(machine, until, heard, model.now);
    assertEquals(said.sort(), verdicts(model, until).sort());
    model.now = until;
  })
);
const stall = MS.map((by) =>
  server(`stall(${by})`, (model, { machine }) => {
    model.now += by;
    machine.stalled(by);
    for (const client of model.clients.values()) {
      client.since += by;
      client.forgetAt += by;
    }
  })
);
const restart = fc.constant(
  server("restart()", (model, real) => {
    const saved = JSON.parse(JSON.stringify(real.machine.snapshot(model.now)));
    const snapshot = checkUdpServerSnapshot(saved);
    real.machine = new UdpServerMachine({ ...OPTIONS, snapshot }, {}, model.now);
    for (const client of model.clients.values()) {
      // What was a stall to the one before is no silence to its successor.
      if (client.state !== "down") client.heardAt = client.since;
      else if (client.automatic) client.forgetAt = client.downAt + OPTIONS.forgetAfter;
    }
  }),
);

Deno.test("model: a UDP server is a map of when each client was last heard", {
  permissions: "none",
}, () =>
  runSteps<Model, Real>(
    [beat, beat, beat, register, unregister, pass, pass, pass, stall, restart],
    () => ({
      model: { now: 0, clients: new Map() },
      real: { machine: new UdpServerMachine(OPTIONS, {}, 0) },
    }),
    { length: 100 },
  ));

/** A step after which all clients are compared. */
function server(words: string, run: (model: Model, real: Real) => void): Step<Model, Real> {
  return step(words, (model, real) => {
    run(model, real);
    const found = real.machine.reports(model.now).map(({ client, state, timeout, silentFor }) => {
      return [client, state, timeout, silentFor];
    });
    const wanted = Array.from(model.clients, ([name, { state, timeout, heardAt }]) => {
      return [name, state, timeout, model.now - heardAt];
    });
    assertEquals(found.sort(), wanted.sort());
  });
}

function fresh(now: number, timeout: number, automatic: boolean): Client {
  const times = { heardAt: now, since: now, downAt: 0, forgetAt: Infinity };
  return { timeout, automatic, state: "waiting", ...times };
}

/** What a heartbeat leads to. */
function hear({ now, clients }: Model, name: string): string[] {
  const said: string[] = [];
  let client = clients.get(name);
  if (!client) {
    if (clients.size >= OPTIONS.maxClients) return said;
    clients.set(name, client = fresh(now, OPTIONS.autoRegisterTimeout, true));
    said.push(`registered ${name}`);
  }
  if (client.state === "waiting") said.push(`up ${name}`);
  if (client.state === "down") {
    said.push(`recovered ${name} ${now - client.downAt} ${now - client.heardAt}`);
  }
  Object.assign(client, { state: "up", heardAt: now, since: now, forgetAt: Infinity });
  return said;
}

/** What silence leads to up to an instant. */
function verdicts({ now, clients }: Model, until: number): string[] {
  return Array.from(clients).flatMap(([name, client]) => {
    const said: string[] = [];
    const due = Math.max(now, client.since + client.timeout + OPTIONS.grace);
    if (client.state !== "down" && due <= until) {
      said.push(`${due} alarm ${name} ${due - client.heardAt}`);
      const forgetAt = client.automatic ? due + OPTIONS.forgetAfter : Infinity;
      Object.assign(client, { state: "down", downAt: due, forgetAt });
    }
    if (client.state === "down" && client.forgetAt <= until) {
      said.push(`${Math.max(now, client.forgetAt)} forgotten ${name}`);
      clients.delete(name);
    }
    return said;
  });
}

/** What is said of clients; rejections and wishes are not the model's. */
function heard(outputs: readonly UdpServerOutput[]): string[] {
  return outputs.flatMap((output) => {
    switch (output.type) {
      case "registered":
      case "up":
      case "forgotten":
        return [`${output.type} ${output.client}`];
      case "down":
        return [`alarm ${output.client} ${output.silentFor}`];
      case "recovered":
        return [`recovered ${output.client} ${output.downFor} ${output.silentFor}`];
      default:
        return [];
    }
  });
}
