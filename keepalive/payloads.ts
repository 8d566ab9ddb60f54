/**
 * Which events of keepalive connections carry what the application must get.
 *
 * @module
 */
import { Backlog } from "../core/backlog.ts";
import type { KeepaliveClientEvent, KeepaliveServerEvent } from "./events.ts";

/** The payloads that wait for a reader, by their client; all of a client's own are the server's. */
export function payloadBacklog<Event extends KeepaliveClientEvent | KeepaliveServerEvent>(
  freed: (from: string) => void,
): Backlog<Event> {
  return new Backlog<Event>({
    from: (event) => {
      if (event.type !== "data" && event.type !== "reply") return undefined;
      return "client" in event ? event.client : event.server;
    },
    payload: (event) => (event as Extract<Event, { payload: string }>).payload,
    freed,
  });
}
