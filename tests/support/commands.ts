/**
 * Every command, and what it prints when it is called within the test.
 *
 * @module
 */
import { catchOutput } from "../../cli/command/output.ts";

/** Runs a command and returns its exit code. */
export type Main = (args: readonly string[]) => Promise<number>;

/** A command and its help. */
export interface HelpfulCommand {
  readonly name: string;
  readonly main: Main;
  readonly help: string;
  /** The long names of its options. */
  readonly options: readonly string[];
}

/** What a command said. */
export interface Said {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** The modules, named one by one so that they are found on Node, too. */
const MODULES: Readonly<Record<string, () => Promise<{ main: Main }>>> = {
  "udp-server": () => import("../../cli/udp_server.ts"),
  "udp-client": () => import("../../cli/udp_client.ts"),
  "tcp-server": () => import("../../cli/tcp_server.ts"),
  "tcp-client": () => import("../../cli/tcp_client.ts"),
  "handshake-server": () => import("../../cli/handshake_server.ts"),
  "handshake-client": () => import("../../cli/handshake_client.ts"),
  "keepalive-server": () => import("../../cli/keepalive_server.ts"),
  "keepalive-client": () => import("../../cli/keepalive_client.ts"),
  "seq-server": () => import("../../cli/seq_server.ts"),
  "seq-client": () => import("../../cli/seq_client.ts"),
  "seq-proxy": () => import("../../cli/seq_proxy.ts"),
  "plan": () => import("../../cli/plan.ts"),
  "demo": () => import("../../cli/demo.ts"),
};

/** Every command with its help. */
export async function helpfulCommands(): Promise<HelpfulCommand[]> {
  const commands: HelpfulCommand[] = [];
  for (const [name, load] of Object.entries(MODULES)) {
    const { main } = await load();
    // One after the other: what is printed is caught for the whole process.
    const help = (await saidBy(main, ["--help"])).out.join("\n");
    const options = [...help.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name!);
    commands.push({ name, main, help, options });
  }
  return commands;
}

/** Calls a command and catches what it prints. */
export async function saidBy(main: Main, args: readonly string[]): Promise<Said> {
  const out: string[] = [], err: string[] = [];
  catchOutput((stream, text) => {
    (stream === 1 ? out : err).push(...text.replace(/\n$/, "").split("\n"));
  });
  try {
    return { code: await main(args), out, err };
  } finally {
    catchOutput(undefined);
  }
}
