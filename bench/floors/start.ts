/**
 * The least program in this runtime that listens and says so.
 *
 * @module
 */
Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log("listening");
