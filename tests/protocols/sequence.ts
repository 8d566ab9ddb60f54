/** Sequences of numbers. @module */
import { assertEquals } from "@std/assert";
import { receiveSequence } from "../../sequence/client.ts";
import { serveSequence } from "../../sequence/server.ts";
import { SEQUENCE_TARGETS } from "../fuzz/targets/sequence.ts";
import { sequence as scenario } from "../simulation/scenarios/sequence.ts";
import type { Protocol } from "./protocol.ts";

/** See {@linkcode Protocol}. */
export const sequence: Protocol = {
  name: "sequence",
  targets: SEQUENCE_TARGETS,
  scenario,
  servers: [{
    name: "sequence",
    transport: "tcp",
    like: "sequence-request-stream",
    command: {
      file: "seq_server",
      args: ["0", "--interval", "0s", "--store", "memory", "--json"],
    },
    serve: () => serveSequence({ port: 0, interval: 0, sessionTtl: 1_000 }),
    async honest({ address }) {
      let count = 0;
      for await (const _ of receiveSequence({ ...address, length: 100 })) count++;
      assertEquals(count, 100);
    },
  }],
};
