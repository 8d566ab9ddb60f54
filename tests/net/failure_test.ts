import { assertEquals, assertStrictEquals } from "@std/assert";
import { type ErrorCode, HeartlineError } from "../../core/errors.ts";
import { failure } from "../../net/failure.ts";

/** An error as Node throws it. */
const node = (code: string): unknown => Object.assign(new Error(`connect ${code} ::1:1`), { code });

/** An error as Deno throws it. */
const deno = (name: string, message = "it failed"): unknown =>
  Object.assign(new Error(message), { name });

const CASES: [name: string, thrown: unknown, code: ErrorCode, reason: string][] = [
  ["Node: a port in use", node("EADDRINUSE"), "address-in-use", "Address already in use"],
  ["Deno: a port in use", deno("AddrInUse"), "address-in-use", "Address already in use"],
  [
    "Node: a foreign address",
    node("EADDRNOTAVAIL"),
    "address-not-available",
    "Cannot assign requested address",
  ],
  [
    "Deno: a foreign address",
    deno("AddrNotAvailable"),
    "address-not-available",
    "Cannot assign requested address",
  ],
  ["Node: a low port", node("EACCES"), "permission-denied", "Permission denied"],
  ["Deno: a low port", deno("PermissionDenied"), "permission-denied", "Permission denied"],
  [
    "Deno: the sandbox",
    deno("NotCapable", 'Requires net access to "a:1", run again with the --allow-net flag'),
    "permission-denied",
    "Permission denied, run with --allow-net=a:1",
  ],
  ["Node: no such name", node("ENOTFOUND"), "name-not-found", "Name or service not known"],
  ["Node: no name server", node("EAI_AGAIN"), "name-not-found", "Name or service not known"],
  [
    "Deno: no such name",
    deno("Error", "failed to lookup address information: Name or service not known"),
    "name-not-found",
    "Name or service not known",
  ],
  ["Node: refused", node("ECONNREFUSED"), "connection-refused", "Connection refused"],
  ["Deno: refused", deno("ConnectionRefused"), "connection-refused", "Connection refused"],
  ["Node: reset", node("ECONNRESET"), "connection-reset", "Connection reset by peer"],
  ["Deno: reset", deno("ConnectionReset"), "connection-reset", "Connection reset by peer"],
  ["Node: the peer is gone", node("EPIPE"), "connection-reset", "Broken pipe"],
  ["Deno: the peer is gone", deno("BrokenPipe"), "connection-reset", "Broken pipe"],
  ["Node: closed here", node("ERR_STREAM_DESTROYED"), "closed", "The socket is closed"],
  ["Node: closed here", node("ERR_SOCKET_DGRAM_NOT_RUNNING"), "closed", "The socket is closed"],
  ["Deno: closed here", deno("BadResource"), "closed", "The socket is closed"],
  ["Node: given up", node("ABORT_ERR"), "closed", "Stopped"],
  ["Deno: given up", new DOMException("The signal was aborted", "AbortError"), "closed", "Stopped"],
  ["Node: no route", node("EHOSTUNREACH"), "unreachable", "No route to host"],
  ["Node: no network", node("ENETUNREACH"), "unreachable", "Network is unreachable"],
  ["Deno: no network", deno("NetworkUnreachable"), "unreachable", "Network is unreachable"],
  ["Node: no answer", node("ETIMEDOUT"), "timed-out", "Connection timed out"],
  ["Deno: no answer", deno("TimedOut"), "timed-out", "Connection timed out"],
  ["Node: no descriptor", node("EMFILE"), "too-many-open-files", "Too many open files"],
  [
    "Deno: no descriptor",
    Object.assign(new Error("Too many open files (os error 24)"), { code: "EMFILE" }),
    "too-many-open-files",
    "Too many open files",
  ],
  ["anything else", new Error("The cable burns (os error 5)\nand more"), "io", "The cable burns"],
  ["a string", "out of luck", "io", "out of luck"],
  ["nothing", undefined, "io", "undefined"],
];

for (const [name, thrown, code, reason] of CASES) {
  Deno.test(`failure, ${name}: ${code}`, { permissions: "none" }, () => {
    const error = failure("listen on", { hostname: "a", port: 1 }, thrown);
    assertEquals([error.code, error.message], [code, `Cannot listen on a:1: ${reason}`]);
    assertStrictEquals(error.cause, thrown);
  });
}

Deno.test("failure: an error that is typed already stays as it is", { permissions: "none" }, () => {
  const error = new HeartlineError("io", "Cannot read: it failed");
  assertStrictEquals(failure("listen on", { hostname: "a", port: 1 }, error), error);
});

Deno.test("failure: an IPv6 address is written in brackets", { permissions: "none" }, () => {
  const { message } = failure("listen on", { hostname: "::1", port: 1 }, node("EADDRINUSE"));
  assertEquals(message, "Cannot listen on [::1]:1: Address already in use");
});
