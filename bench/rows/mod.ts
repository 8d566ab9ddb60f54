/**
 * The rows of the table, in order.
 *
 * @module
 */
import type { Row } from "../harness/row.ts";
import { udpIngest } from "./udp_ingest.ts";

/** All of them. */
export const ROWS: readonly Row[] = [udpIngest];
