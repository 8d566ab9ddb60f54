import { assertEquals } from "@std/assert";
import { readRefusal, refusalError } from "../../store/redis_refusal.ts";

const ASKED = { hostname: "db.lan", port: 6379 };
const SCRIPT = " script: 792103e08ce2ca26eebc5f4f8448ee83853fd94b, on @user_script:12.";
const OLD = "ERR Error running script (call to f_792103e08ce2ca26eebc5f4f8448ee83853fd94b): " +
  "@user_script:3: @user_script: 3: -";
const READONLY = "READONLY You can't write against a read only replica.";
const NO_PASSWORD = "The URL has a password, and Redis has none (AUTH)";
const WRONG = "The user or the password is wrong (WRONGPASS)";

/** Each row: what Redis answers, and the code and the line that it is told as. */
const REFUSALS = [
  [READONLY, "io", READONLY],
  [READONLY + SCRIPT, "io", READONLY],
  [OLD + READONLY, "io", READONLY],
  [OLD.replace(": -", ":-") + READONLY, "io", READONLY],
  ["LOADING Redis is loading the dataset in memory", "io", undefined],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "io"],
  ["CLUSTERDOWN Hash slot not served", "io"],
  ["ASK 3999 10.0.0.7:6381", "io"],
  ["TRYAGAIN Multiple keys request during rehashing of slot", "io"],
  ["NOREPLICAS Not enough good replicas to write.", "io"],
  ["MISCONF Redis is configured to save RDB snapshots, but it cannot", "io"],
  ["OOM command not allowed when used memory > 'maxmemory'.", "io"],
  ["BUSY Redis is busy running a script.", "io"],
  [
    "NOAUTH Authentication required.",
    "permission-denied",
    "It wants a password, and the URL has none, or none that is still valid (NOAUTH)",
  ],
  ["WRONGPASS invalid username-password pair or user is disabled.", "permission-denied", WRONG],
  ["ERR invalid password", "permission-denied", WRONG],
  [
    "ERR AUTH <password> called without any password configured for the default user. Are you sure?",
    "permission-denied",
    NO_PASSWORD,
  ],
  ["ERR Client sent AUTH, but no password is set", "permission-denied", NO_PASSWORD],
  [
    "ERR unknown command 'AUTH', with args beginning with: 'user' 'secret' ",
    "permission-denied",
    "The URL has a password, and Redis does not know AUTH",
  ],
  ["NOPERM this user has no permissions to run the 'evalsha' command", "permission-denied"],
  [
    "ERR The user executing the script can't run this command or subcommand" + SCRIPT,
    "permission-denied",
    "ERR The user executing the script can't run this command or subcommand",
  ],
] as const;

for (const [answer, code, reason = answer] of REFUSALS) {
  Deno.test(`Redis itself refuses: ${answer.slice(0, 60)}`, { permissions: "none" }, () => {
    assertEquals(readRefusal(new Error(answer), ASKED), { code, reason });
  });
}

/** Each row: an answer to one call, or what is no answer of Redis. */
const OTHERS = [
  "NOSCRIPT No matching script. Please use EVAL.",
  "WRONGTYPE Operation against a key holding the wrong kind of value",
  "ERR value is not an integer or out of range",
  "Socket closed unexpectedly",
  "READONLY",
  "",
];

for (const text of OTHERS) {
  Deno.test(`no refusal: ${JSON.stringify(text)}`, { permissions: "none" }, () => {
    assertEquals(readRefusal(new Error(text), ASKED), undefined);
  });
}

Deno.test("what is no error is no refusal", { permissions: "none" }, () => {
  for (const thrown of [undefined, null, "READONLY no", {}]) {
    assertEquals(readRefusal(thrown, ASKED), undefined);
  }
});

/** Each row: what comes behind `MOVED`, and where that is. */
const MOVED = [
  ["3999 10.0.0.7:6381", { hostname: "10.0.0.7", port: 6381 }],
  ["3999 ::1:6381", { hostname: "::1", port: 6381 }],
  ["3999 :6381", { hostname: "db.lan", port: 6381 }],
  ["3999 ?:6381", undefined],
  ["nowhere", undefined],
] as const;

for (const [text, elsewhere] of MOVED) {
  Deno.test(`MOVED ${text}`, { permissions: "none" }, () => {
    const refusal = readRefusal(new Error(`MOVED ${text}`), ASKED);
    assertEquals([refusal?.code, refusal?.elsewhere], ["io", elsewhere]);
  });
}

Deno.test("a refusal is told as one line, without what Redis repeated", () => {
  const refusal = readRefusal(new Error("ERR unknown command 'AUTH' 'secret'\nmore"), ASKED)!;
  const error = refusalError("db.lan:6379", refusal);
  assertEquals(error.message, `Cannot use Redis at db.lan:6379: ${refusal.reason}`);
  assertEquals([error.code, error.cause], ["permission-denied", undefined]);
});
