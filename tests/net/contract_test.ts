/**
 * One contract over both adapters to sockets; on Node there is only one of them.
 *
 * @module
 */
import { denoNet, hasDatagrams } from "../../net/deno.ts";
import { nodeNet } from "../../net/node.ts";
import { datagramContract } from "../support/datagram_contract.ts";
import { onDeno } from "../support/runtime.ts";
import { streamContract } from "../support/stream_contract.ts";

if (onDeno) streamContract("Deno's sockets", denoNet, { resets: false });
if (onDeno && hasDatagrams()) datagramContract("Deno's sockets", denoNet);
streamContract("Node's sockets", nodeNet, { resets: true });
datagramContract("Node's sockets", nodeNet);
