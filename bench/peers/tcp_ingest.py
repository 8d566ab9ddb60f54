"""TCP heartbeats with plain Python sockets: one selector, one buffer for each connection.

Takes whole messages out of what was read, counts those that were missed by their numbers and adds up
their delay.
"""
import re
import selectors
import socket
import time

from worker import answer_beside, interval_answers, resident

MESSAGE = re.compile(rb"Sequence #(\d+): Sending heartbeat at (\d+\.\d{4})\. ")
received = 0


class Client:
    __slots__ = ("rest", "next", "missed", "delay", "last")

    def __init__(self):
        self.rest = b""
        self.next = None
        self.missed = 0
        self.delay = self.last = 0.0


def take(client, data):
    global received
    now = time.time()
    data = client.rest + data
    end = 0
    for message in MESSAGE.finditer(data):
        sequence, sent_at = int(message[1]), float(message[2])
        if client.next is not None and sequence > client.next:
            client.missed += sequence - client.next
        client.next = sequence + 1
        client.delay += now - sent_at
        client.last = now
        end = message.end()
        received += 1
    client.rest = data[end:]


def serve(listener):
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_READ, Client())
                continue
            try:
                data = key.fileobj.recv(65536)
            except ConnectionError:
                data = b""
            if data:
                take(key.data, data)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
before = resident()
answer_beside({"port": listener.getsockname()[1]}, {
    **interval_answers(lambda: received),
    "resident": resident,
    "memory": lambda: {"resident": resident() - before},
})
serve(listener)
