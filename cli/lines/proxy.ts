/**
 * Events of the fault proxy as lines for people.
 *
 * @module
 */
import type { FaultName, ProxyEvent } from "../../proxy/events.ts";
import { formatDuration } from "../command/duration.ts";
import { faultsText } from "../config/fault_text.ts";
import type { Line } from "../command/main.ts";

/** The line for an event; `upstream` is where the server is. */
export function proxyLine(event: ProxyEvent, upstream: string): Line {
  switch (event.type) {
    case "listening": {
      const { hostname, port, transport } = event;
      return ["info", `Listening on ${hostname}:${port} (${transport}), server at ${upstream}`];
    }
    case "connected":
      return ["info", `${event.link}: ${event.client} is connected`];
    case "disconnected": {
      const counts = `${event.up} up, ${event.down} down`;
      const unit = event.link.startsWith("tcp") ? "bytes" : "datagrams";
      return ["info", `${event.link}: gone (${event.reason}), ${unit}: ${counts}`];
    }
    case "unreachable":
      return ["warn", `${event.link}: ${event.message}`];
    case "too-many-links":
      return ["warn", `Turned ${event.count} clients away: as many links as allowed are open`];
    case "accept-failed":
      return ["warn", event.message];
    case "fault": {
      if (!("at" in event)) return ["info", `${event.link}: ${DONE[event.fault]}`];
      const { link, direction, fault, at } = event;
      const unit = link.startsWith("tcp") ? "byte" : "datagram";
      return ["info", `${link}: ${DONE[fault]} ${direction} at ${unit} ${at}`];
    }
    case "step": {
      const { step, at, on } = event;
      return ["info", `Step ${step} ${on ? "begins" : "ends"} at ${formatDuration(at)}`];
    }
    case "step-skipped":
      return ["info", `Step ${event.step} is left out at ${formatDuration(event.at)}`];
    case "changed":
      return ["info", `Faults: ${faultsText(event.faults)}`];
    case "injected":
      return ["info", `${event.by === "fin" ? "Ended" : "Reset"} every link`];
    case "cut":
      return ["info", "Cut: every link is dropped, new ones are refused"];
    case "healed":
      return ["info", "Healed: new links are taken"];
  }
}

const DONE: Readonly<Record<FaultName, string>> = {
  "refuse": "refused",
  "silence": "accepted, and left in silence",
  "cut-fin": "cut with a FIN",
  "cut-reset": "cut with a reset",
  "loss": "lost",
  "duplicate": "doubled",
  "reorder": "held back for the next",
  "corrupt": "flipped a bit",
  "overflow": "no room",
};
