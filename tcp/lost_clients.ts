/**
 * Clients whose connection is over and that have not come back.
 *
 * Who was heard once is expected: a monitor that forgot a client with its connection would show a killed one
 * as nothing at all. A TCP client has no name but its address and returns from another port, so the next
 * client of the same host that is heard takes the place of the one that has been away for longest.
 *
 * Law: who was never heard is missed by nobody.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import type { TcpClientReport } from "./events.ts";

/** One of them. */
export class LostClient {
  /** As reports say it. */
  readonly state = "disconnected";
  /** Its host, without the port. */
  readonly hostname: string;
  /** When it was lost. */
  readonly lostAt: Instant;

  readonly #report: TcpClientReport;

  /** A client that was lost at `now`, with the last report of it. */
  constructor(report: TcpClientReport, hostname: string, now: Instant) {
    this.hostname = hostname;
    this.lostAt = now;
    this.#report = report;
  }

  /** Its last report, and how long it has been silent since. */
  report(now: Instant): TcpClientReport {
    const silentFor = this.#report.silentFor + now - this.lostAt;
    return { ...this.#report, state: this.state, silentFor };
  }
}

/** All of them, in the order in which they were lost. */
export class LostClients {
  readonly #life: number;
  readonly #clients = new Map<string, LostClient>();
  /** The names of those of a host, the one that has been away for longest first. */
  readonly #hosts = new Map<string, Set<string>>();

  /** None; each is forgotten after `life` ms. */
  constructor(life: number) {
    this.#life = life;
  }

  /** How many there are. */
  get size(): number {
    return this.#clients.size;
  }

  /** When the next is to be forgotten. */
  get next(): Instant | undefined {
    for (const { lostAt } of this.#clients.values()) return lostAt + this.#life;
    return undefined;
  }

  /** Every one. */
  values(): Iterable<LostClient> {
    return this.#clients.values();
  }

  /** Notes that a client was lost, if it was ever heard. */
  add(report: TcpClientReport, hostname: string, now: Instant): void {
    if (report.reception.received === 0 || this.#life === 0) return;
    this.forget(report.client);
    if (this.size >= MOST_LOST) this.forget(this.#clients.keys().next().value!);
    this.#clients.set(report.client, new LostClient(report, hostname, now));
    let names = this.#hosts.get(hostname);
    if (!names) this.#hosts.set(hostname, names = new Set());
    names.add(report.client);
  }

  /** A client of a host is heard: it is the one of them that was lost first, as far as anybody can tell. */
  returned(hostname: string): void {
    const [name] = this.#hosts.get(hostname) ?? [];
    if (name !== undefined) this.forget(name);
  }

  /** Expects a client no longer; says whether it was. */
  forget(client: string): boolean {
    const lost = this.#clients.get(client);
    if (!lost) return false;
    this.#clients.delete(client);
    const names = this.#hosts.get(lost.hostname)!;
    names.delete(client);
    if (names.size === 0) this.#hosts.delete(lost.hostname);
    return true;
  }

  /** Forgets those that have been away for too long. */
  expire(now: Instant): void {
    for (const [name, { lostAt }] of this.#clients) {
      if (lostAt + this.#life > now) return;
      this.forget(name);
    }
  }
}

/** Beyond so many the one that has been away for longest is forgotten: each costs about a KB. */
const MOST_LOST = 10_000;
