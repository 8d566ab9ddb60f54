"""UDP handshakes with plain Python sockets: HELLO is answered by OK, or by RESET while the id is in use.

An id is in use for as long as its lease, the first argument in ms, and then belongs to whoever asks
next; who holds an id may ask again. Ids that nobody uses any more are removed once a second.
"""
import socket
import sys
import time

from worker import answer_beside, interval_answers

LEASE = float(sys.argv[1]) / 1000
LOOK = 1.0
leases = {}
answered = 0


def forget(now):
    for name in [name for name, (_, until) in leases.items() if until <= now]:
        del leases[name]


def serve(server):
    global answered
    next_look = time.monotonic() + LOOK
    while True:
        data, address = server.recvfrom(1024)
        now = time.monotonic()
        parts = data.split()
        if len(parts) != 2 or parts[0] != b"HELLO":
            continue
        name = parts[1]
        holder, until = leases.get(name, (None, 0.0))
        if until > now and holder != address:
            reply = b"RESET %b" % name
        else:
            leases[name] = (address, now + LEASE)
            reply = b"OK %b %b %d" % (name, address[0].encode(), address[1])
        server.sendto(reply, address)
        answered += 1
        if now >= next_look:
            forget(now)
            next_look = now + LOOK


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
answer_beside({"port": server.getsockname()[1]}, interval_answers(lambda: answered))
serve(server)
