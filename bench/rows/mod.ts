/**
 * The rows of the table, in order.
 *
 * @module
 */
import type { Row } from "../harness/row.ts";
import { allocation } from "./allocation.ts";
import { deadlines } from "./deadlines.ts";
import { decode } from "./decode.ts";
import { growthTcp } from "./growth_tcp.ts";
import { growthUdp } from "./growth_udp.ts";
import { handshake } from "./handshake.ts";
import { keepaliveIdle } from "./keepalive_idle.ts";
import { proxy } from "./proxy.ts";
import { sequenceMany } from "./sequence_many.ts";
import { sequenceResume } from "./sequence_resume.ts";
import { sequenceStorm } from "./sequence_storm.ts";
import { sequenceStream } from "./sequence_stream.ts";
import { simulator } from "./simulator.ts";
import { start } from "./start.ts";
import { tcpFlood } from "./tcp_flood.ts";
import { tcpMany } from "./tcp_many.ts";
import { tcpWatch } from "./tcp_watch.ts";
import { udpIngest } from "./udp_ingest.ts";
import { udpWatch } from "./udp_watch.ts";

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
