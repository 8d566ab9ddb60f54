/**
 * The configuration of the keepalive commands: a file, flags that override it, and what both together
 * mean.
 *
 * @module
 */
import { completed, type KeepaliveTiming } from "../../keepalive/options.ts";
import { readKeepaliveFile } from "./keepalive_file.ts";
import { refusedFile } from "./yaml_file.ts";
import { duration, file, host, number, port, shownAs } from "../command/options.ts";

/** Everything a keepalive command is configured with; lengths of time in ms. */
export interface KeepaliveConfig extends Required<KeepaliveTiming> {
  readonly host: string;
  readonly port: number;
}

/** The arguments that both commands share, as they are given. */
export interface KeepaliveArguments {
  readonly HOST: string | undefined;
  readonly PORT: number | undefined;
  readonly config: string | undefined;
  readonly "heart-beat-interval": number | undefined;
  readonly "heart-beat-threshold": number | undefined;
  readonly "heart-beat-additional-tries": number | undefined;
  readonly "data-interval": number | undefined;
  readonly "data-threshold": number | undefined;
}

/** The arguments without a name; either may come from the file instead. */
export const KEEPALIVE_POSITIONALS = {
  HOST: shownAs(host("address of the server", undefined), "127.0.0.1"),
  PORT: shownAs(port("port of the server", undefined), "6520"),
};

/** The arguments with a name. */
export const KEEPALIVE_OPTIONS = {
  config: file(
    "file with host, port and the figures below in seconds, as name: value or name = value",
  ),
  "heart-beat-interval": shownAs(
    duration("from a sign of life to the next heartbeat, once data is missing", undefined),
    "5s",
  ),
  "heart-beat-threshold": shownAs(
    duration("until a heartbeat without an answer is missed", undefined),
    "10s",
  ),
  "heart-beat-additional-tries": shownAs(
    number("heartbeats to miss after the first one", undefined, {
      min: 0,
      max: 1_000,
      integer: true,
    }),
    "3",
  ),
  "data-interval": shownAs(
    duration("between two data messages of the client", undefined),
    "5s, or a quarter of a shorter data-threshold",
  ),
  "data-threshold": shownAs(duration("of silence until heartbeats begin", undefined), "20s"),
};

/**
 * Reads the file, if there is one, and lets the arguments override it.
 *
 * @throws {HeartlineError} `invalid-option` with one line that names file, line, key, what was found
 * and what is wanted
 */
export async function keepaliveConfig(given: KeepaliveArguments): Promise<KeepaliveConfig> {
  const file = given.config === undefined ? undefined : await readKeepaliveFile(given.config);
  const values = file?.values;
  const timing = {
    heartBeatInterval: given["heart-beat-interval"] ?? values?.heart_beat_interval ?? 5_000,
    heartBeatThreshold: given["heart-beat-threshold"] ?? values?.heart_beat_threshold ?? 10_000,
    heartBeatAdditionalTries: given["heart-beat-additional-tries"] ??
      values?.heart_beat_additional_tries ?? 3,
    dataThreshold: given["data-threshold"] ?? values?.data_threshold ?? 20_000,
  };
  const dataInterval = given["data-interval"] ?? values?.data_interval;
  if (dataInterval !== undefined && dataInterval >= timing.dataThreshold) {
    throw refusedFile(
      file?.place(["data_interval", "data_threshold"]) ?? "these figures",
      `wanted data_interval below data_threshold, or data would always come too late, found ` +
        `data_interval ${seconds(dataInterval)} and data_threshold ` +
        seconds(timing.dataThreshold),
    );
  }
  return {
    host: given.HOST ?? values?.host ?? "127.0.0.1",
    port: given.PORT ?? values?.port ?? 6520,
    ...completed(dataInterval === undefined ? timing : { ...timing, dataInterval }),
  };
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
