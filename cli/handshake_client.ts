/**
 * `handshake-client`: asks for a connection id, and for another one if it is in use.
 *
 * @module
 */
import process from "node:process";
import { systemClock } from "../core/clock.ts";
import { connectHandshake } from "../handshake/client.ts";
import { isConnectionId } from "../handshake/message.ts";
import { handshakeClientLine, handshakeFault } from "./lines/handshake.ts";
import { IdSource } from "./command/id_source.ts";
import { EXIT, type Line, logEvents, runCommand } from "./command/main.ts";
import { choice, custom, duration, flag, host, list, number, required } from "./command/options.ts";
import { formatTimestamp } from "./lines/timestamp.ts";

const ID = "1 to 64 printable ASCII characters without a space";

const COMMAND = {
  name: "handshake-client",
  summary: "asks a server for a connection id, up to three times with another id each time",
  positionals: {
    HELLO: required(custom(
      "the word HELLO",
      "the word HELLO",
      undefined,
      (given) => given === "HELLO" ? given : undefined,
    )),
    SERVER_IP: required(host("the address or name of the server", undefined)),
    SERVER_PORT: required(number("the port of the server", undefined, {
      min: 1,
      max: 65_535,
      integer: true,
    })),
    CONNECTION_ID: required(custom(ID, "the id to ask for", undefined, readId)),
  },
  options: {
    transport: choice("what to ask over", ["udp", "tcp"], "udp"),
    timeout: duration("how long a try waits for a reply", "15s"),
    tries: number("how often to try, each time with a new socket", 3, { min: 1, integer: true }),
    "next-id": list(custom(
      ID,
      "the id for the next try; then come lines of standard input",
      undefined,
      readId,
      { placeholder: "ID" },
    )),
    "no-retransmit": flag("over UDP, say HELLO only once in each try"),
  },
  examples: [
    "handshake-client HELLO 127.0.0.1 4000 9876",
    "handshake-client HELLO 127.0.0.1 4000 9876 --next-id 9877 --next-id 9878",
    "handshake-client HELLO 127.0.0.1 4000 9876 --transport tcp --timeout 5s --json",
  ],
};

/** Runs the command and returns its exit code: 0 only if a connection was established. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, { log, signal }) => {
    const clock = systemClock();
    const ids = new IdSource({
      given: given["next-id"],
      patience: given.timeout,
      signal,
      complain: (text) => log("warn", text, { type: "wrong-id", message: text }),
    });
    let code: number = EXIT.failed;
    // Nobody is asked for another id before it was said what became of the last one.
    let tell = (_: string): void => {};
    const next = (): Promise<string> => new Promise((resolve) => tell = resolve);
    let told = next();
    try {
      const client = await connectHandshake({
        hostname: given.SERVER_IP,
        port: given.SERVER_PORT,
        id: given.CONNECTION_ID,
        transport: given.transport,
        timeout: given.timeout,
        tries: given.tries,
        retransmit: !given["no-retransmit"],
        nextId: async () => {
          const why = await told;
          told = next();
          return await ids.next(why);
        },
        signal,
      });
      await logEvents(client, { log, signal }, (event) => {
        if (event.type === "established") code = EXIT.done;
        const lines: Line[] = [
          handshakeClientLine(event, formatTimestamp(clock.wall(clock.now()))),
        ];
        if (event.type === "error") {
          const message = handshakeFault(event);
          const fault = { type: "fault", try: event.try, message } as const;
          const line = `Try ${event.try} failed: ${message}`;
          lines.push(["debug", line, fault]);
          tell(line);
        }
        return lines;
      });
    } finally {
      ids.close();
    }
    return code;
  });
}

function readId(given: string): string | undefined {
  return isConnectionId(given) ? given : undefined;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
