/**
 * OpenTelemetry metrics of every service in this process, without a dependency: the meters come from
 * whoever registered some, as Deno does with `OTEL_DENO=true`.
 *
 * @module
 */
import { diagnosticsChannel } from "../core/diagnostics.ts";
import { EventCounts, type Tagged } from "../core/event_counts.ts";
import type { Service, ServiceCounters, ServiceMessage } from "../core/service.ts";

/** The part of OpenTelemetry's `MeterProvider` that is needed. */
export interface MeterProvider {
  /** Makes a meter. */
  getMeter(name: string): Meter;
}

/** The part of OpenTelemetry's `Meter` that is needed. */
export interface Meter {
  /** A sum that never falls. */
  createObservableCounter(name: string, options: InstrumentOptions): Observable;
  /** A sum that may rise and fall. */
  createObservableUpDownCounter(name: string, options: InstrumentOptions): Observable;
}

/** How an instrument is described. */
export interface InstrumentOptions {
  /** One sentence. */
  description: string;
  /** In the notation of UCUM. */
  unit: string;
}

/** An instrument that is read when numbers are exported. */
export interface Observable {
  /** Has `read` called for every export. */
  addCallback(read: (result: ObservableResult) => void): void;
  /** Has it called no more. */
  removeCallback(read: (result: ObservableResult) => void): void;
}

/** Where a callback puts what it read. */
export interface ObservableResult {
  /** Gives one number. */
  observe(value: number, attributes: Record<string, string>): void;
}

/** Options of {@linkcode exportTelemetry}. */
export interface TelemetryOptions {
  /** Where meters come from. @default the global one of `@opentelemetry/api` 1.x, if there is any */
  meterProvider?: MeterProvider;
}

/**
 * Exports the counters of all services that are started from now on as OpenTelemetry metrics. Numbers
 * are read when the provider asks for them; between that it costs nothing.
 *
 * | metric | kind | attributes | says |
 * |---|---|---|---|
 * | `heartline.services` | up-down counter | `heartline.service` | services that run |
 * | `heartline.events` | counter | `heartline.service`, `heartline.event` | events by type |
 * | `heartline.received` | counter, bytes | `heartline.service` | taken from the sockets |
 * | `heartline.clients` | up-down counter | `heartline.service`, `heartline.state` | clients by state |
 *
 * @returns ends the export; where nobody registered a provider nothing is exported and it does nothing
 *
 * @example
 * ```ts
 * import { exportTelemetry } from "@heartline/heartline/telemetry";
 * import { serveUdpHeartbeats } from "@heartline/heartline/udp";
 *
 * const stop = exportTelemetry(); // before the services it is to see
 * const server = await serveUdpHeartbeats({ port: 0 });
 * await server.close();
 * stop();
 * ```
 */
export function exportTelemetry(options: TelemetryOptions = {}): () => void {
  const provider = options.meterProvider ?? registeredProvider();
  const channel = diagnosticsChannel("service");
  if (!provider || !channel) return () => {};
  const seen = new Seen();
  const take = (message: unknown): void => seen.take(message as ServiceMessage);
  channel.subscribe(take);
  const meter = provider.getMeter("heartline");
  const release = INSTRUMENTS.map(({ name, kind, description, unit, read }) => {
    const instrument = meter[`createObservable${kind}`](name, { description, unit });
    const callback = (result: ObservableResult): void => read(seen, result);
    instrument.addCallback(callback);
    return () => instrument.removeCallback(callback);
  });
  return () => {
    channel.unsubscribe(take);
    release.forEach((end) => end());
  };
}

/** The services that were announced. What ended stays in the sums: a counter must not fall. */
class Seen {
  readonly #running = new Map<string, Set<Service<Tagged>>>();
  readonly #ended = new Map<string, Sum>();

  take({ service, state }: ServiceMessage): void {
    const { name } = service;
    const running = this.#running.get(name);
    if (state === "started") {
      this.#running.set(name, (running ?? new Set()).add(service));
    } else if (running?.delete(service)) {
      const ended = this.#ended.get(name) ?? new Sum();
      ended.add(service.counters());
      this.#ended.set(name, ended);
    }
  }

  /** Those of each kind that run; a kind none of which runs any more is there, too. */
  running(): Iterable<[name: string, services: Iterable<Service<Tagged>> & { size: number }]> {
    return this.#running;
  }

  /** What all services of each kind counted together, ended ones too. */
  *totals(): Generator<[name: string, totals: ServiceCounters]> {
    for (const [name, services] of this.#running) {
      const sum = new Sum();
      for (const source of [this.#ended.get(name) ?? new Sum(), ...services]) {
        sum.add(source.counters());
      }
      yield [name, sum.counters()];
    }
  }
}

/** The counters of several services together. */
class Sum {
  readonly #events = new EventCounts();
  #receivedBytes = 0;

  add({ events, receivedBytes }: ServiceCounters): void {
    for (const [type, count] of Object.entries(events)) this.#events.add({ type, count });
    this.#receivedBytes += receivedBytes;
  }

  counters(): ServiceCounters {
    return { events: this.#events.totals(), receivedBytes: this.#receivedBytes };
  }
}

interface Instrument extends InstrumentOptions {
  readonly name: string;
  readonly kind: "Counter" | "UpDownCounter";
  read(seen: Seen, result: ObservableResult): void;
}

const INSTRUMENTS: readonly Instrument[] = [
  {
    name: "heartline.services",
    kind: "UpDownCounter",
    description: "Servers and clients that run.",
    unit: "{service}",
    read(seen, result) {
      for (const [name, { size }] of seen.running()) result.observe(size, { [SERVICE]: name });
    },
  },
  {
    name: "heartline.events",
    kind: "Counter",
    description: "Events by type; one that stands for several counts as many.",
    unit: "{event}",
    read(seen, result) {
      for (const [name, { events }] of seen.totals()) {
        for (const [type, count] of Object.entries(events)) {
          result.observe(count, { [SERVICE]: name, "heartline.event": type });
        }
      }
    },
  },
  {
    name: "heartline.received",
    kind: "Counter",
    description: "Bytes taken from the sockets.",
    unit: "By",
    read(seen, result) {
      for (const [name, { receivedBytes }] of seen.totals()) {
        result.observe(receivedBytes, { [SERVICE]: name });
      }
    },
  },
  {
    name: "heartline.clients",
    kind: "UpDownCounter",
    description: "Clients by state.",
    unit: "{client}",
    read(seen, result) {
      for (const [name, services] of seen.running()) {
        const sum = new EventCounts();
        for (const service of services) {
          for (const [type, count] of Object.entries(statesOf(service))) sum.add({ type, count });
        }
        for (const [state, count] of Object.entries(sum.totals())) {
          result.observe(count, { [SERVICE]: name, "heartline.state": state });
        }
      }
    },
  },
];

/** Heartbeat servers know the states of their clients. */
function statesOf(service: object): Record<string, number> {
  return "stateCounts" in service && typeof service.stateCounts === "function"
    ? service.stateCounts()
    : {};
}

/**
 * All copies of `@opentelemetry/api` 1.x meet under this symbol, so that it need not be imported; Deno
 * puts itself there when it starts.
 */
function registeredProvider(): MeterProvider | undefined {
  const registered = globalThis as { [API]?: { metrics?: MeterProvider } };
  return registered[API]?.metrics;
}

const API: unique symbol = Symbol.for("opentelemetry.js.api.1");
const SERVICE = "heartline.service";
