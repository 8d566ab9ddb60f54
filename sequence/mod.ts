/**
 * Resumable sequences: a stream of numbers of which none is lost, repeated or reordered, whatever
 * happens to connections, clients and servers.
 *
 * @example
 * ```ts
 * import { receiveSequence, serveSequence } from "@heartline/heartline/sequence";
 *
 * await using server = await serveSequence({ port: 0, interval: 10 });
 * for await (const n of receiveSequence({ port: server.address.port, length: 3 })) {
 *   console.log(n);
 * }
 * ```
 *
 * @module
 */
export * from "./checksum.ts";
export * from "./client.ts";
export * from "./client_machine.ts";
export type * from "./events.ts";
export * from "./generator.ts";
export type * from "./inputs.ts";
export {
  decodeSequenceReply,
  decodeSequenceRequest,
  encodeSequenceReply,
  encodeSequenceRequest,
} from "./message.ts";
export {
  MAX_SEQUENCE_LENGTH,
  MAX_SEQUENCE_LINE_BYTES,
  SEQUENCE_REJECTIONS,
  SEQUENCE_VERSION,
  type SequenceRejection,
  type SequenceReply,
  type SequenceRequest,
} from "./grammar.ts";
export type {
  SequenceClientMachineOptions,
  SequenceServerMachineOptions,
  SequenceSource,
} from "./options.ts";
export type { RandomBytes } from "./secret.ts";
export * from "./server.ts";
export * from "./server_machine.ts";
export * from "./sha256.ts";
export * from "./snapshot.ts";
export type * from "./store.ts";
