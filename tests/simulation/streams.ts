/**
 * A network that carries byte streams: slowly, in pieces cut anywhere, until it breaks them.
 *
 * What a network loses of a stream is sent again: here it is late, not lost.
 *
 * @module
 */
import type { Slot } from "../../core/deadlines.ts";
import type { Instant, Random } from "../../core/machine.ts";
import type { Fault } from "./faults.ts";
import type { Process } from "./process.ts";
import { Loss, type Weather } from "./weather.ts";
import type { World } from "./world.ts";

/** One side of a connection: a process that is told what happens to it. */
export interface StreamEnd {
  readonly process: Process;
  /** The connection is open. */
  opened(connection: Connection): void;
  /** There was nobody to connect to. */
  refused(connection: Connection): void;
  /** Bytes arrived. */
  data(connection: Connection, bytes: Uint8Array): void;
  /** The system took bytes that had to wait. */
  written(connection: Connection, bytes: number): void;
  /** The other side closed, or the connection broke. */
  ended(connection: Connection, reason: "end" | "reset"): void;
}

/** The way to one client: what is wrong with it is wrong with all its connections. */
export class Access {
  readonly random: Random;
  readonly weather: Weather;
  readonly loss: Loss;
  /** Until when nothing gets through, by direction. */
  readonly closedUntil = { up: 0, down: 0 };
  slowUntil: Instant = 0;
  slowBy = 0;
  /** Connections that were not closed by both sides. */
  readonly open = new Set<Connection>();

  constructor(weather: Weather, random: Random) {
    this.weather = weather;
    this.random = random;
    this.loss = new Loss(weather, random);
  }

  /** Does to all connections of this client what a fault says. */
  suffer({ kind, for: length, by }: Fault, now: Instant): void {
    const { closedUntil } = this;
    switch (kind) {
      case "partition":
        closedUntil.up = Math.max(closedUntil.up, now + length);
        closedUntil.down = Math.max(closedUntil.down, now + length);
        break;
      case "lose-up":
        closedUntil.up = Math.max(closedUntil.up, now + length);
        break;
      case "lose-down":
        closedUntil.down = Math.max(closedUntil.down, now + length);
        break;
      case "slow":
        this.slowUntil = now + length;
        this.slowBy = by;
        break;
      case "reset":
        for (const connection of this.open) connection.reset();
        break;
      case "half-open":
        for (const connection of this.open) connection.blackhole("up", "down");
        break;
      case "cut-up":
        for (const { lanes } of this.open) lanes.up.cutAfter = by;
        break;
      case "cut-down":
        for (const { lanes } of this.open) lanes.down.cutAfter = by;
        break;
      case "rubbish": {
        const bytes = Uint8Array.from({ length: by }, () => 128 + this.random() * 128);
        for (const { lanes } of this.open) lanes.up.send(bytes);
      }
    }
  }

  /** The client's process is gone. */
  abandon(told: boolean): void {
    for (const connection of this.open) connection.abandon("up", told);
  }
}

/** Up: from the client to the server. */
export type Direction = "up" | "down";

/** A connection of a client. */
export class Connection {
  /** Counts over all connections of a world. */
  readonly id: number;
  readonly access: Access;
  readonly world: World;
  readonly lanes: Readonly<Record<Direction, Lane>>;
  /** Whatever the client's side calls it. */
  readonly tag: number;
  /** The server knows of it. */
  accepted = false;
  /** The client knows that it is open. */
  opened = false;

  private constructor(access: Access, world: World, ends: Ends, id: number, tag: number) {
    this.id = id;
    this.tag = tag;
    this.access = access;
    this.world = world;
    this.lanes = {
      up: new Lane(this, "up", ends.client, ends.server),
      down: new Lane(this, "down", ends.server, ends.client),
    };
  }

  /** Opens a connection; both ends are told when it is open, or the client that it is refused. */
  static open(access: Access, ends: Ends, numbers: { id: number; tag: number }): Connection {
    const { world } = ends.client.process;
    const connection = new Connection(access, world, ends, numbers.id, numbers.tag);
    access.open.add(connection);
    connection.lanes.up.put("open");
    return connection;
  }

  /** The server takes it, perhaps after the client has given it up. */
  accept(): void {
    this.accepted = true;
    // It broke before that: what the client was told is the last it hears of it.
    if (this.lanes.down.closed) return;
    this.access.open.add(this);
    this.lanes.down.put("open");
  }

  /** One side closes, behind what it has sent. */
  close(from: Direction): void {
    const { lanes } = this;
    // Whoever closes hears nothing more, not even of a break that is on its way.
    lanes[from === "up" ? "down" : "up"].deaf = true;
    if (lanes[from].closed) return;
    lanes[from].put("end");
    lanes[from].closed = true;
    this.settle();
  }

  /** Breaks the connection; both sides are told. */
  reset(): void {
    for (const lane of [this.lanes.up, this.lanes.down]) lane.break();
    this.settle();
  }

  /** One side's process is gone; the other is told, if there is still a kernel to tell it. */
  abandon(from: Direction, told: boolean): void {
    const lane = this.lanes[from];
    if (told) lane.break();
    lane.orphaned = true;
    this.settle();
  }

  /** From now on nothing gets through in these directions, and nobody is told. */
  blackhole(...directions: Direction[]): void {
    for (const direction of directions) this.lanes[direction].blackhole = true;
  }

  /** Forgets the connection once nobody can hear of it any more. */
  settle(): void {
    const { up, down } = this.lanes;
    const over = (lane: Lane) => lane.closed || lane.orphaned || lane.to.process.dead;
    if (over(up) && (over(down) || !this.accepted)) this.access.open.delete(this);
  }
}

/** Both sides. */
export interface Ends {
  readonly client: StreamEnd;
  readonly server: StreamEnd;
}

type Piece = Uint8Array | "open" | "end" | "reset";

/** One direction of a connection. */
export class Lane {
  readonly to: StreamEnd;
  /** What is sent vanishes. */
  blackhole = false;
  /** The sender closed. */
  closed = false;
  /** The sender's process is gone. */
  orphaned = false;
  /** The receiver closed, and looks at nothing. */
  deaf = false;
  /** Sent bytes until it is cut. */
  cutAfter = Infinity;
  /** Most bytes that ever waited to be read. */
  mostUnread = 0;

  readonly #connection: Connection;
  readonly #direction: Direction;
  readonly #from: StreamEnd;
  /** Connections do not outlive the process that had them. */
  readonly #lives: { readonly from: number; readonly to: number };
  readonly #slot: Slot;
  #pieces: { readonly due: Instant; readonly piece: Piece }[] = [];
  #head = 0;
  #lastDue: Instant = 0;
  #unread = 0;
  #unwritten = 0;

  constructor(connection: Connection, direction: Direction, from: StreamEnd, to: StreamEnd) {
    this.#connection = connection;
    this.#direction = direction;
    this.#from = from;
    this.to = to;
    this.#lives = { from: from.process.life, to: to.process.life };
    this.#slot = connection.world.place(() => this.#arrive());
  }

  /** Bytes that were sent and that the system has not taken. */
  get unsent(): number {
    return this.#unwritten;
  }

  /** Bytes that were sent and not read. */
  get unread(): number {
    return this.#unread;
  }

  /** Sends bytes; false if the system does not take them yet, and tells later when it did. */
  send(bytes: Uint8Array): boolean {
    const { length } = bytes;
    if (this.closed) return true;
    this.#unread += length;
    this.mostUnread = Math.max(this.mostUnread, this.#unread);
    const before = this.cutAfter;
    this.cutAfter -= length;
    if (this.cutAfter < 0) {
      if (before > 0) this.put(bytes.subarray(0, before));
      this.put("reset");
      this.closed = true;
      this.#connection.lanes[this.#direction === "up" ? "down" : "up"].break();
      this.#connection.settle();
      return true;
    }
    this.#putPieces(bytes);
    if (this.#unread <= ROOM) return true;
    this.#unwritten += length;
    return false;
  }

  /** Puts something under way. */
  put(piece: Piece): void {
    const { access, world } = this.#connection;
    if (this.blackhole) return;
    const { delay, jitter } = access.weather;
    const again = access.loss.strikes(world.now) ? RESENT : 0;
    const slow = world.now < access.slowUntil ? access.slowBy : 0;
    const due = world.now + delay + access.random() * jitter + again + slow;
    this.#lastDue = Math.max(this.#lastDue, due);
    this.#pieces.push({ due: this.#lastDue, piece });
    if (this.#pieces.length - this.#head === 1) world.arm(this.#slot, this.#lastDue);
  }

  /** Drops what is under way, and tells the receiver that it broke. */
  break(): void {
    if (this.closed) return;
    this.#clear();
    this.put("reset");
    this.closed = true;
  }

  #putPieces(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > 1 && this.#connection.access.random() < CUT) {
      const at = 1 + Math.floor(this.#connection.access.random() * (length - 1));
      this.put(bytes.subarray(0, at));
      this.put(bytes.subarray(at));
    } else this.put(bytes);
  }

  #arrive(): void {
    const { access, world } = this.#connection;
    const open = access.closedUntil[this.#direction];
    // What waits for the network to come back is sent again when it does.
    if (world.now < open) return world.arm(this.#slot, open + access.weather.delay);
    while (this.#head < this.#pieces.length && this.#pieces[this.#head]!.due <= world.now) {
      const { piece } = this.#pieces[this.#head++]!;
      if (!this.blackhole) this.#hand(piece);
    }
    if (this.#head === this.#pieces.length) this.#clear();
    else world.arm(this.#slot, this.#pieces[this.#head]!.due);
  }

  #hand(piece: Piece): void {
    const { process } = this.to;
    if (process.dead || process.life !== this.#lives.to) return this.#handToNobody(piece);
    if (process.running) this.#tell(piece);
    else process.arrives(() => this.#tell(piece));
  }

  #tell(piece: Piece): void {
    const connection = this.#connection, { to } = this;
    if (typeof piece !== "string") this.#read(piece.length);
    if (this.deaf) return;
    if (typeof piece !== "string") to.data(connection, piece);
    else if (piece === "open") {
      if (this.#direction === "up") connection.accept();
      else connection.opened = true;
      to.opened(connection);
    } else if (this.#direction === "down" && !connection.opened) {
      // A connection that ends before it is open is one that could not be opened.
      connection.close("up");
      to.refused(connection);
    } else {
      to.ended(connection, piece);
      connection.close(this.#direction === "up" ? "down" : "up");
    }
  }

  /** The process is gone: its kernel answers with a reset, unless it has no power either. */
  #handToNobody(piece: Piece): void {
    const back = this.#connection.lanes[this.#direction === "up" ? "down" : "up"];
    if (piece === "end" || piece === "reset" || back.closed) return;
    if (this.to.process.unplugged) return;
    back.put("reset");
    back.closed = true;
    this.#connection.settle();
  }

  #read(length: number): void {
    this.#unread -= length;
    const { process } = this.#from;
    if (this.#unwritten === 0 || this.#unread > ROOM) return;
    const bytes = this.#unwritten;
    this.#unwritten = 0;
    if (process.life !== this.#lives.from) return;
    process.arrives(() => this.#from.written(this.#connection, bytes));
  }

  #clear(): void {
    this.#pieces = [];
    this.#head = 0;
    this.#connection.world.arm(this.#slot, Infinity);
  }
}

/** What the kernels of both sides hold before a sender has to wait. */
const ROOM = 16_384;
/** The share of chunks that are cut somewhere. */
const CUT = 0.02;
/** The least time until a lost segment is sent again, in ms. */
const RESENT = 200;
