import { assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { checkUdpServerSnapshot, type SavedUdpClient } from "../../udp/server_snapshot.ts";

const CLIENT: SavedUdpClient = {
  client: "10.0.0.1:5001",
  timeout: 30_000,
  group: "rack 7",
  automatic: false,
  state: "down",
  silentFor: 40_000,
  downFor: 10_000,
};

Deno.test("a saved state passes as it is", { permissions: "none" }, () => {
  const other = { ...CLIENT, client: "[::1]:5001", excused: true, told: false };
  const state = { version: 1, at: 1_780_000_000_000, clients: [CLIENT, other] };
  assertEquals(checkUdpServerSnapshot(state), { ...state, version: 1 });
});

Deno.test("an infinite timeout, which JSON writes as null, is infinite again", {
  permissions: "none",
}, () => {
  const file = JSON.stringify({ version: 1, clients: [{ ...CLIENT, timeout: Infinity }] });
  assertEquals(checkUdpServerSnapshot(JSON.parse(file)).clients[0]!.timeout, Infinity);
});

const WRONG: [what: string, value: unknown, message: string][] = [
  ["nothing", undefined, "wanted version 1, current value is missing"],
  ["null", null, "wanted version 1"],
  ["a number", 7, "wanted version 1"],
  ["another version", { version: 2, clients: [] }, "wanted version 1, current value is 2"],
  ["no clients", { version: 1 }, "wanted a list of clients"],
  ["a wrong moment", { version: 1, at: -1, clients: [] }, "Cannot use saved at"],
  ["a client that is null", { version: 1, clients: [null] }, "wanted an address of each client"],
  ["a client twice", { version: 1, clients: [CLIENT, CLIENT] }, "wanted each client once"],
  ...([
    ["client", "10.0.0.1", "Cannot use address"],
    ["client", { toString: 1 }, "wanted an address of each client"],
    ["timeout", 0, "Cannot use saved timeout"],
    ["timeout", "1", "Cannot use saved timeout"],
    ["timeout", undefined, "Cannot use saved timeout"],
    ["told", 1, "wanted told true or false"],
    ["excused", "no", "wanted excused true or false"],
    ["silentFor", -1, "Cannot use saved silentFor"],
    ["silentFor", "1", "Cannot use saved silentFor"],
    ["downFor", undefined, "Cannot use saved downFor"],
    ["state", "dead", "wanted state waiting, up or down"],
    ["automatic", 1, "wanted automatic true or false"],
    ["group", 7, "wanted a group name"],
  ] as const).map(([field, value, message]): [string, unknown, string] => [
    `a client whose ${field} is ${JSON.stringify(value) ?? "missing"}`,
    { version: 1, clients: [{ ...CLIENT, [field]: value }] },
    message,
  ]),
];

for (const [what, value, message] of WRONG) {
  Deno.test(`a saved state with ${what} is refused`, { permissions: "none" }, () => {
    assertThrows(() => checkUdpServerSnapshot(value), HeartlineError, message);
  });
}
