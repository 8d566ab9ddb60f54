/**
 * `demo`: the main job in one command. Starts servers and clients, breaks five of them, and shows that
 * these and no others are noticed; leases an id to one asker and not to another; and cuts the
 * connection of a sequence, of which no number is lost.
 *
 * @module
 */
import process from "node:process";
import { systemClock } from "../core/clock.ts";
import type { DroppedEvent } from "../core/event_queue.ts";
import type { TcpServerEvent } from "../tcp/events.ts";
import type { UdpServerEvent } from "../udp/events.ts";
import { freezeKeepalivePeer } from "./demo/keepalive.ts";
import { playLeases } from "./demo/leases.ts";
import { type CutSequence, cutSequence } from "./demo/sequence.ts";
import { formatDuration } from "./command/duration.ts";
import { FaultLog, type Notice } from "./demo/fault_log.ts";
import { type Environment, EXIT, runCommand } from "./command/main.ts";
import { openTerminal } from "./command/terminal.ts";
import { Screen } from "./demo/screen.ts";
import { DemoFleet, NAMES } from "./demo/fleet.ts";

const COMMAND = {
  name: "demo",
  summary:
    "breaks five of eight clients, cuts a sequence, and shows that just this is noticed and none is lost",
  positionals: {},
  options: {},
  examples: ["demo", "demo --json"],
};

/** Runs the demo; 0 only if every injected failure was noticed and nothing else was. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    const fleet = await DemoFleet.open(Math.random);
    const terminal = given.json ? undefined : openTerminal();
    const screen = new Screen(environment.log, terminal, () => fleet.rows());
    const { log, signal } = environment;
    try {
      const faults = await play(fleet, screen, environment);
      const leased = await showLeases(screen, signal);
      signal.throwIfAborted();
      const sequence = await showSequence(screen, signal);
      signal.throwIfAborted();
      screen.table();
      screen.close();
      summarise(fleet, faults, { leased, sequence }, screen);
      return faults.good && leased && sequence.good ? EXIT.done : EXIT.failed;
    } catch (error) {
      // A terminal's Ctrl-C goes to our clients, too, and their end may be seen before the signal is.
      await poll(() => false, SIGNAL_DELAY, signal);
      if (!signal.aborted) throw error;
      screen.close();
      log("info", "stopped", { type: "stopped" });
      return EXIT.stopped;
    } finally {
      screen.close();
      await fleet.close();
    }
  });
}

async function play(fleet: DemoFleet, screen: Screen, { signal }: Environment): Promise<FaultLog> {
  const clock = systemClock();
  const faults = new FaultLog();
  const notice = (address: string, what: Notice, text: string): void => {
    // What is stopped falls silent, and nobody wants to read that.
    if (signal.aborted) return;
    const client = fleet.nameOf(address);
    faults.observe(client, what, clock.now());
    screen.say("warn", `${client}: ${text}`, { type: what, client });
  };
  void follow(fleet.udp, (event) => udpNotice(event, notice));
  void follow(fleet.tcp, (event) => tcpNotice(event, notice));
  const inject = (client: string, what: string, expected: Notice): void => {
    faults.inject({ client, what, expected, at: clock.now() });
    screen.say("info", `-> ${what} ${client}`, { type: "injected", client, what });
  };
  const until = async (condition: () => boolean, limit: number): Promise<void> => {
    await poll(condition, limit, signal);
    signal.throwIfAborted();
  };

  signal.throwIfAborted();
  screen.say("info", "Starting servers and clients", { type: "starting" });
  await Promise.race([fleet.start(), aborted(signal)]);
  await until(() => fleet.rows().every(({ state }) => state === "up"), 6_000);
  screen.table();
  await until(() => false, 1_000);
  for (const name of [NAMES.udpFrozen, NAMES.tcpFrozen]) {
    inject(name, "freezing", "lost");
    fleet.clients.get(name)!.freeze();
  }
  for (const name of [NAMES.udpKilled, NAMES.tcpKilled]) {
    inject(name, "killing", "lost");
    fleet.clients.get(name)!.kill();
  }
  await until(() => faults.settled, 5_000);
  screen.table();
  for (const name of [NAMES.udpFrozen, NAMES.tcpFrozen]) {
    inject(name, "thawing", "back");
    fleet.clients.get(name)!.thaw();
  }
  await until(() => faults.settled, 4_000);
  // Meanwhile the others live on, and nothing of theirs may be alarmed.
  await freezeAmidData(faults, screen, signal);
  return faults;
}

/** A keepalive client freezes in the middle of its messages, and must be found dead on schedule. */
async function freezeAmidData(
  faults: FaultLog,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string): void => {
    if (!signal.aborted) screen.say("info", text, { type: "keepalive", text });
  };
  const { good, took, expected } = await freezeKeepalivePeer(say, signal);
  signal.throwIfAborted();
  say(`the schedule says ${formatDuration(expected)} of silence`);
  faults.inject({ client: "keepalive client", what: "freezing", expected: "lost", at: 0 });
  if (good) faults.observe("keepalive client", "lost", took);
}

/** An id is leased, refused to another, and free again; whether the server said so each time. */
async function showLeases(screen: Screen, signal: AbortSignal): Promise<boolean> {
  const scenes = await playLeases(({ id, what, transport, said, good }) => {
    if (signal.aborted) return;
    const level = good ? "info" : "error";
    const lease = { type: "lease", id, transport, what, said, good } as const;
    screen.say(level, `${what} (${transport}): ${said}`, lease);
  }, signal);
  return scenes.every(({ good }) => good);
}

/** Numbers come through a proxy that cuts their connection in every way there is. */
function showSequence(screen: Screen, signal: AbortSignal): Promise<CutSequence> {
  const say = (text: string): void => {
    if (!signal.aborted) screen.say("info", `sequence: ${text}`, { type: "sequence", text });
  };
  return cutSequence(say, signal);
}

type Noticed = (address: string, what: Notice, text: string) => void;

function udpNotice(event: UdpServerEvent | DroppedEvent, notice: Noticed): void {
  if (event.type === "down") {
    notice(event.client, "lost", `ALARM, silent for ${formatDuration(event.silentFor)}`);
  } else if (event.type === "recovered") {
    notice(event.client, "back", `recovered after ${formatDuration(event.silentFor)} of silence`);
  }
}

function tcpNotice(event: TcpServerEvent | DroppedEvent, notice: Noticed): void {
  if (event.type === "down") {
    notice(event.client, "lost", `ALARM, silent for ${formatDuration(event.silentFor)}`);
  } else if (event.type === "disconnected") {
    notice(event.client, "lost", `ALARM, connection lost (${event.reason})`);
  } else if (event.type === "recovered") {
    notice(event.client, "back", `recovered after ${formatDuration(event.silentFor)} of silence`);
  }
}

function summarise(
  fleet: DemoFleet,
  faults: FaultLog,
  { leased, sequence }: { readonly leased: boolean; readonly sequence: CutSequence },
  screen: Screen,
): void {
  const { passed, lost } = fleet.relay.count;
  screen.say("info", `The lossy path lost ${lost} of ${passed + lost} datagrams`, {
    type: "path",
    lost,
    passed,
  });
  for (const { client, what, after } of faults.outcomes) {
    const found = after === undefined ? "NOT NOTICED" : `noticed after ${formatDuration(after)}`;
    const level = after === undefined ? "error" : "info";
    screen.say(level, `${what} ${client}: ${found}`, {
      type: "outcome",
      client,
      what,
      after,
    });
  }
  const { length, received, cuts } = sequence;
  const numbers = `${received} of ${length} numbers, each once and in order, over ${cuts} cuts`;
  screen.say(sequence.good ? "info" : "error", `sequence: ${numbers}`, {
    type: "numbers",
    length,
    received,
    cuts,
  });
  for (const text of faults.unexplained) screen.say("error", text, { type: "false-alarm", text });
  const { length: injected } = faults.outcomes;
  const noticed = faults.outcomes.filter(({ after }) => after !== undefined).length;
  const falseAlarms = faults.unexplained.length;
  screen.say(
    faults.good && leased && sequence.good ? "info" : "error",
    `${injected} changes injected, ${noticed} noticed, ${falseAlarms} false alarms, ` +
      `${length - received} numbers lost, ids leased ${leased ? "as they must be" : "WRONGLY"}`,
    { type: "summary", injected, noticed, falseAlarms, leased, lost: length - received },
  );
}

async function follow<Event>(
  service: AsyncIterable<Event>,
  take: (event: Event) => void,
): Promise<void> {
  for await (const event of service) take(event);
}

/** Never resolves, and rejects when the user stops the demo. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Waits until a condition holds, for `limit` ms at most, or the user stops the demo. */
async function poll(condition: () => boolean, limit: number, signal: AbortSignal): Promise<void> {
  const clock = systemClock();
  const end = clock.now() + limit;
  while (!condition() && clock.now() < end && !signal.aborted) {
    await new Promise<void>((resolve) => clock.schedule(POLL_INTERVAL, resolve));
  }
}

const POLL_INTERVAL = 20;
/** How much later than the end of our clients, in ms, we see what ended both. */
const SIGNAL_DELAY = 100;

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
