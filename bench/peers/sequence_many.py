"""Numbers at an interval over plain Python sockets: one selector, and a wheel of milliseconds.

Greets a client, sends it a number once per interval and reads its confirmations. It keeps no session:
a client whose connection is cut is forgotten.
"""
import math
import selectors
import socket
import sys
import time

from worker import answer_beside, interval_answers, resident

INTERVAL = int(sys.argv[1])
wheel = [[] for _ in range(INTERVAL)]
numbers = 0
late = []


class Stream:
    __slots__ = ("connection", "rest", "next", "confirmed")

    def __init__(self, connection):
        self.connection = connection
        self.rest = b""
        self.next = self.confirmed = 0


def now_ms():
    return time.monotonic() * 1e3


def take(stream, data):
    lines = (stream.rest + data).split(b"\n")
    stream.rest = lines.pop()
    for line in lines:
        word, *fields = line.split()
        if word == b"ACK":
            stream.confirmed = int(fields[0])
        elif word == b"HELLO":
            greeting = f"WELCOME {'0' * 32} {'0' * 32} 1 {INTERVAL} 5000 30000\n"
            stream.connection.send(greeting.encode())
            wheel[math.ceil(now_ms()) % INTERVAL].append(stream)


def write_due(due):
    global numbers
    now = now_ms()
    while due <= now:
        for stream in wheel[due % INTERVAL]:
            late.append(now_ms() - due)
            try:
                stream.connection.send(b"NUMBER %d 3848541339\n" % stream.next)
            except OSError:
                continue
            stream.next += 1
            numbers += 1
        due += 1
        now = now_ms()
    return due


def serve(listener):
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    due = math.ceil(now_ms())
    while True:
        for key, _ in selector.select(max(0.0, due - now_ms()) / 1e3):
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ, Stream(connection))
                continue
            try:
                data = key.fileobj.recv(4096)
            except ConnectionError:
                data = b""
            if data:
                take(key.data, data)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()
        due = write_due(due)


def lateness():
    global late
    taken, late = sorted(late), []

    def at(q):
        return taken[max(0, math.ceil(q * len(taken)) - 1)] if taken else 0

    return {"count": len(taken), "p50": at(0.5), "p99": at(0.99), "most": at(1)}


listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
before = resident()
answer_beside({"port": listener.getsockname()[1]}, {
    **interval_answers(lambda: numbers),
    "lateness": lateness,
    "memory": lambda: {"resident": resident() - before},
})
serve(listener)
