"""UDP heartbeats with plain Python sockets: one loop of recvfrom, one dict of clients with timeouts.

Counts, per client, what came and when the last sign of life was; a client that is silent for longer than
its timeout is said to be down. Looks through all clients once a second.
"""
import socket
import time

from worker import answer_beside, interval_answers

TIMEOUT = 30.0
LOOK = 1.0
clients = {}
received = 0


class Client:
    __slots__ = ("last", "sequence", "count", "up")

    def __init__(self):
        self.sequence = self.count = 0
        self.up = True


def look(now):
    for client in clients.values():
        if client.up and now - client.last > TIMEOUT:
            client.up = False


def serve(server):
    global received
    next_look = time.monotonic() + LOOK
    while True:
        try:
            data, address = server.recvfrom(1024)
        except TimeoutError:
            data = b""
        now = time.monotonic()
        parts = data.split()
        if len(parts) == 3 and parts[0] == b"heartbeat":
            sequence, sent_at = int(parts[1]), float(parts[2])
            client = clients.get(address)
            if client is None:
                client = clients[address] = Client()
            client.last, client.sequence, client.up = now, sequence, True
            client.count += 1
        received += 1
        if now >= next_look:
            look(now)
            next_look = now + LOOK


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
server.settimeout(LOOK)
answer_beside({"port": server.getsockname()[1]}, interval_answers(lambda: received))
serve(server)
