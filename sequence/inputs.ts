/**
 * What the machines of sequences are told and ask for, beside their events.
 *
 * @module
 */
import type {
  AcceptFailedInput,
  ConnectFailedInput,
  ConnectionInput,
  ConnectionOutput,
  ConnectOutput,
} from "../core/connection.ts";
import type { Instant, Random } from "../core/machine.ts";
import type { SequenceClientEvent, SequenceServerEvent } from "./events.ts";
import type { RandomBytes } from "./secret.ts";
import type { SequenceSnapshot } from "./snapshot.ts";
import type { SequenceSession, SessionProgress, SessionResumption, StoreWarning } from "./store.ts";

/** What a server machine cannot know by itself. */
export interface SequenceServerEnvironment {
  /** Makes seeds, session names and tokens; must not be guessable. */
  readonly randomBytes: RandomBytes;
  /** Spreads the return of clients when the server stops. */
  readonly random: Random;
  /** Milliseconds since 1970 at an instant, for the store. */
  readonly wall: (now: Instant) => number;
}

/** A call of the store: a method of `SessionStore` and its arguments. */
export type StoreCall =
  | { readonly type: "create"; readonly session: SequenceSession }
  | { readonly type: "load"; readonly id: string }
  | {
    readonly type: "resume";
    readonly id: string;
    readonly epoch: number;
    readonly change: SessionResumption;
  }
  | {
    readonly type: "progress";
    readonly id: string;
    readonly epoch: number;
    readonly change: SessionProgress;
  }
  | {
    readonly type: "finish";
    readonly id: string;
    readonly epoch: number;
    readonly end: { readonly state: "completed" | "expired"; readonly until: number };
  };

/** What a call of the store came to. */
export type StoreAnswer =
  /** `load` found this, or nothing. */
  | { readonly type: "loaded"; readonly session: SequenceSession | undefined }
  /** `create` is done, or another call says whether it changed anything. */
  | { readonly type: "stored"; readonly changed: boolean }
  /** The store cannot be reached. */
  | { readonly type: "failed"; readonly message: string };

/** What a server machine is told. */
export type SequenceServerInput =
  | ConnectionInput
  | AcceptFailedInput
  /** The answer to the `store` output with this number. */
  | { readonly type: "answer"; readonly request: number; readonly answer: StoreAnswer }
  /** The store can be used again after it could not, and may have lost its newest writes. */
  | { readonly type: "store-returned" }
  /** All that is wrong with the store now. */
  | { readonly type: "store-checked"; readonly warnings: readonly StoreWarning[] }
  /** The server is to stop: send the clients away. */
  | { readonly type: "shutdown" };

/** What a server machine asks for, or says. */
export type SequenceServerOutput =
  | ConnectionOutput
  | { readonly type: "store"; readonly request: number; readonly call: StoreCall }
  | SequenceServerEvent;

/** What a client machine cannot know by itself. */
export interface SequenceClientEnvironment {
  /** The server as `host:port`, for events. */
  readonly server: string;
  /** Draws the waits between attempts. */
  readonly random: Random;
}

/** What a client machine is told; `connection` is the number its `connect` carried. */
export type SequenceClientInput =
  | ConnectionInput
  | ConnectFailedInput
  /** What was taken so far may be confirmed. */
  | { readonly type: "confirm" }
  /** The last `save` is done. */
  | { readonly type: "saved" };

/** What a client machine asks for, or says. */
export type SequenceClientOutput =
  | ConnectionOutput
  | ConnectOutput
  | { readonly type: "save"; readonly snapshot: SequenceSnapshot }
  | SequenceClientEvent;
