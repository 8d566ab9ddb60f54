import { assertEquals } from "@std/assert";
import { Rejections } from "../../core/rejections.ts";

const from = { hostname: "10.0.0.7", port: 5001 };

Deno.test("each reason is reported once a second, and the earliest that is held back is due", {
  permissions: "none",
}, () => {
  const rejections = new Rejections<"malformed" | "too-long">();
  assertEquals(rejections.due, undefined);
  assertEquals(rejections.count("too-long", from, 0)?.count, 1);
  assertEquals(rejections.count("malformed", from, 400)?.count, 1);
  assertEquals(rejections.due, undefined);
  rejections.count("malformed", from, 500);
  assertEquals(rejections.due, 1_400);
  rejections.count("too-long", from, 600);
  rejections.count("too-long", from, 700);
  assertEquals(rejections.due, 1_000);
  assertEquals(rejections.flush(1_000).map(({ reason, count }) => [reason, count]), [
    ["too-long", 2],
  ]);
  assertEquals(rejections.due, 1_400);
  assertEquals(rejections.totals(), { "too-long": 3, malformed: 2 });
});
