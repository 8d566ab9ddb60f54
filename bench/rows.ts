/**
 * The rows of the table, in order.
 *
 * @module
 */
import { growthTcp, growthUdp } from "./growth/growth.ts";
import type { Row } from "./harness/row.ts";
import { allocation } from "./product/allocation.ts";
import { keepaliveIdle } from "./product/keepalive_idle.ts";
import { deadlines, decode, simulator } from "./product/machines.ts";
import { proxy } from "./product/proxy.ts";
import { handshake, tcpFlood, udpIngest } from "./product/rates.ts";
import { sequenceMany } from "./product/sequence_many.ts";
import { sequenceResume } from "./product/sequence_resume.ts";
import { sequenceStorm } from "./product/sequence_storm.ts";
import { sequenceStream } from "./product/sequence_stream.ts";
import { start } from "./product/start.ts";
import { tcpMany } from "./product/tcp_many.ts";
import { tcpWatch, udpWatch } from "./product/watch.ts";

/** All of them. */
export const ROWS: readonly Row[] = [
  ...[udpIngest, decode, deadlines, udpWatch, tcpFlood, tcpMany, tcpWatch, allocation],
  ...[growthUdp, growthTcp, handshake, keepaliveIdle, proxy],
  ...[sequenceMany, sequenceStream, sequenceResume, sequenceStorm, simulator, start],
];
