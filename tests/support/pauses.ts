/**
 * How long this process was kept from the processor: on a machine that is busy with other work a
 * test must know, because a socket's buffer fills meanwhile.
 *
 * @module
 */

/** Watches from now on; `end` returns the sum of all pauses from 8 ms on, in ms. */
export function watchPauses(): { end: () => number } {
  let last = performance.now(), sum = 0;
  const look = () => {
    const pause = performance.now() - last;
    last += pause;
    if (pause >= NOTABLE) sum += pause;
  };
  const timer = setInterval(look, 2);
  return {
    end() {
      look();
      clearInterval(timer);
      return Math.ceil(sum);
    },
  };
}

/**
 * The default socket buffer holds 256 small datagrams, 25 ms of 10,000 a second; three short pauses of
 * the sender and the receiver in a row make as much.
 */
const NOTABLE = 8;
