/**
 * Lines out of a stream of bytes, one at a time.
 *
 * This file knows line feeds. It does not know who writes the lines.
 *
 * @module
 */

/** Reads lines when asked for them. */
export class TextLineStream {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  /** Reads from `bytes`. */
  constructor(bytes: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line without its line feed, `undefined` at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#text += value;
    }
  }

  /** Reads no more. */
  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}
