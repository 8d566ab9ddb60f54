import { assert, assertEquals } from "@std/assert";
import { PROTOCOLS } from "../../scripts/_protocols.ts";
import { ROOT } from "../../scripts/_tree.ts";
import * as tested from "../protocols/mod.ts";

const text = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));
const filesOf = (folder: string) =>
  [...Deno.readDirSync(new URL(folder, ROOT))].map(({ name }) => name);

Deno.test("fuzzing, simulation and soak go through every protocol that is published", () => {
  assertEquals(tested.PROTOCOLS.map(({ name }) => name).sort(), [...PROTOCOLS].sort());
  for (const { servers } of tested.PROTOCOLS) assert(servers.length > 0);
});

/** What every protocol has, and what each file is for: docs/ARCHITECTURE.md. */
const SKELETON = ["events.ts", "inputs.ts", "mod.ts", "options.ts", "server.ts"];

for (const protocol of PROTOCOLS) {
  Deno.test(`${protocol} has the files that every protocol has`, () => {
    const files = filesOf(protocol);
    assertEquals(SKELETON.filter((name) => !files.includes(name)), []);
  });

  // The proxy speaks no protocol of its own.
  if (protocol === "proxy") continue;
  Deno.test(`${protocol} has both sides, messages, states, vectors and a scenario`, () => {
    const files = filesOf(protocol);
    // Both ends of a keepalive connection obey one machine.
    const client = protocol === "keepalive" ? "connection_machine.ts" : "client_machine.ts";
    const both = ["client.ts", client, "message.ts", "server_machine.ts", "states.ts"];
    assertEquals(both.filter((name) => !files.includes(name)), []);
    assert(filesOf("vectors").includes(`${protocol}.json`));
    assert(text("tests/vectors/vectors_test.ts").includes(`/${protocol}.json`));
    const { scenario, targets } = tested.PROTOCOLS.find(({ name }) => name === protocol)!;
    assert(scenario !== undefined && targets.length > 0);
  });
}
