/**
 * Clients of socket.io with connection state recovery, on a way that comes and goes.
 *
 * This file knows the client of socket.io. It does not know what happens to the network.
 *
 * @module
 */
import { resumeAnswers, Resumes } from "./resumes.mjs";
import { answer, load, nameOf } from "./worker.mjs";

const { io } = load("socket.io-client");
const [port, count, firstWait] = process.argv.slice(2, 5).map(Number);
/** Streams of other clients have other names. */
const group = process.argv[5];

function client(stream) {
  const resumes = new Resumes();
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ["websocket"],
    forceNew: true,
    reconnectionDelay: firstWait,
    auth: { stream: `${group}-${stream}` },
  });
  socket.io.on("reconnect_attempt", () => resumes.trying());
  socket.on("disconnect", () => resumes.gone());
  socket.on("number", (index) => {
    resumes.take(index);
    socket.emit("ack", index + 1);
  });
  return resumes;
}

const clients = Array.from({ length: count }, (_, stream) => client(stream));
answer({ name: nameOf("socket.io") }, resumeAnswers(clients));
