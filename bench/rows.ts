/**
 * The rows of the table, in order.
 *
 * @module
 */
import type { Row } from "./harness/row.ts";
import { allocation } from "./product/allocation.ts";
import { deadlines } from "./product/deadlines.ts";
import { decode } from "./product/decode.ts";
import { growthTcp } from "./growth/growth_tcp.ts";
import { growthUdp } from "./growth/growth_udp.ts";
import { handshake } from "./product/handshake.ts";
import { keepaliveIdle } from "./product/keepalive_idle.ts";
import { proxy } from "./product/proxy.ts";
import { sequenceMany } from "./product/sequence_many.ts";
import { sequenceResume } from "./product/sequence_resume.ts";
import { sequenceStorm } from "./product/sequence_storm.ts";
import { sequenceStream } from "./product/sequence_stream.ts";
import { simulator } from "./product/simulator.ts";
import { start } from "./product/start.ts";
import { tcpFlood } from "./product/tcp_flood.ts";
import { tcpMany } from "./product/tcp_many.ts";
import { tcpWatch } from "./product/tcp_watch.ts";
import { udpIngest } from "./product/udp_ingest.ts";
import { udpWatch } from "./product/udp_watch.ts";

/** All of them. */
export const ROWS: readonly Row[] = [
  udpIngest,
  decode,
  deadlines,
  udpWatch,
  tcpFlood,
  tcpMany,
  tcpWatch,
  allocation,
  growthUdp,
  growthTcp,
  handshake,
  keepaliveIdle,
  proxy,
  sequenceMany,
  sequenceStream,
  sequenceResume,
  sequenceStorm,
  simulator,
  start,
];
