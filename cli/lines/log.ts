/**
 * Lines on the terminal: `LEVEL message` for people, with the time before it where it is kept, and one JSON
 * object each for programs.
 *
 * @module
 */
import { configure, getLogger, type LogRecord } from "@logtape/logtape";
import type { LogLevel } from "../command/command.ts";
import type { JsonLine } from "./json_lines.ts";
import { complain, print, sayLeftOut } from "../command/output.ts";

/**
 * Writes one line: its level, its text for people and its fields for programs, each unless empty. The `type`
 * of the fields becomes the `event` of the JSON line.
 */
export type Log = (level: LogLevel, text: string, line?: JsonLine) => void;

/** How lines look. */
export interface LogOptions {
  /** Every line is an object on standard output. */
  readonly json: boolean;
  /** The least grave lines that are written. */
  readonly level: LogLevel;
  /** A line of text begins with the time. */
  readonly timestamps: boolean;
}

/**
 * Sets logging up for this process.
 *
 * Text goes to standard output, except that errors, the reasons why the job failed, go to standard error.
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const printText = (record: LogRecord): void => writeText(record, options.timestamps);
  await configure({
    reset: true,
    sinks: { terminal: options.json ? printJson : printText },
    loggers: [
      { category: "heartline", lowestLevel: LOGTAPE_LEVELS[options.level], sinks: ["terminal"] },
      // LogTape speaks about itself here; nobody who runs a heartbeat needs that.
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: ["terminal"] },
    ],
  });
  sayLeftOut(options.json ? leftOutJson : leftOutText);
  const logger = getLogger("heartline");
  return (level, text, line) => logger[level]("{text}", { text, line });
}

function writeText({ level, properties, timestamp }: LogRecord, timed: boolean): void {
  if (properties.text === "") return;
  const time = timed ? `${new Date(timestamp).toISOString()} ` : "";
  const line = `${time}${level.toUpperCase()} ${properties.text}`;
  if (level === "error") complain(line);
  else print(line, weightOf(level));
}

function printJson({ level, properties, timestamp }: LogRecord): void {
  if (properties.line === undefined) return;
  const { type, ...fields } = properties.line as JsonLine;
  const time = new Date(timestamp).toISOString();
  const name = level === "warning" ? "warn" : level;
  print(JSON.stringify({ time, level: name, event: type, ...fields }), weightOf(level));
}

function weightOf(level: LogRecord["level"]): "chatter" | "kept" {
  return level === "debug" || level === "info" ? "chatter" : "kept";
}

function leftOutText(count: number): string {
  return `WARNING ${count} lines left out: they came faster than they could be written`;
}

function leftOutJson(count: number): string {
  const time = new Date().toISOString();
  return JSON.stringify({ time, level: "warn", event: "dropped", count });
}

const LOGTAPE_LEVELS = { debug: "debug", info: "info", warn: "warning", error: "error" } as const;
