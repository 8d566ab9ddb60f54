/**
 * When a client confirms at the latest, which its server counts on.
 *
 * An ACK for each number would be most of what a server of many streams reads. A late ACK costs nothing:
 * a resume goes on where the client says, and the server can compute every number again.
 *
 * @module
 */

/** So many numbers that were taken are confirmed at once: often enough to keep a window open. */
export const CONFIRM_EVERY = 512;

/**
 * In ms: how long a number that was taken waits for its acknowledgement, with a server that sends PING
 * after `heartbeat` ms of silence. A stream of numbers is thus proof of life, and needs no PING.
 */
export function longestWait(heartbeat: number): number {
  return Math.min(heartbeat / 2, LONGEST_WAIT);
}

/** Whether a window is so small that a client which keeps to the rules may let it run full. */
export function mustAsk(sendWindow: number): boolean {
  return sendWindow < 2 * CONFIRM_EVERY;
}

/** In ms: half of the usual heartbeat. */
const LONGEST_WAIT = 2_500;
