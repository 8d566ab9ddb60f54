/**
 * Carries what the server machine asks of a store to one, and the answer back.
 *
 * @module
 */
import { HeartlineError, messageOf } from "../core/errors.ts";
import type { StoreAnswer, StoreCall } from "./inputs.ts";
import type { SessionStore } from "./store.ts";

/** Makes one call. A store that throws, whatever that is, fails this call and nothing else. */
export async function answerTo(call: StoreCall, store: SessionStore): Promise<StoreAnswer> {
  try {
    switch (call.type) {
      case "create":
        await store.create(call.session);
        return { type: "stored", changed: true };
      case "load":
        return { type: "loaded", session: await store.load(call.id) };
      case "resume":
        return { type: "stored", changed: await store.resume(call.id, call.epoch, call.change) };
      case "progress":
        return { type: "stored", changed: await store.progress(call.id, call.epoch, call.change) };
      case "finish":
        return { type: "stored", changed: await store.finish(call.id, call.epoch, call.end) };
    }
  } catch (error) {
    return { type: "failed", message: storeFailure(error) };
  }
}

/** One line of what a store threw, which may be anything: users bring their own. */
export function storeFailure(error: unknown): string {
  if (error instanceof HeartlineError) return error.message;
  return `The store failed: ${messageOf(error)}`;
}
