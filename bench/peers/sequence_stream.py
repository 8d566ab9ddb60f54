"""One sequence after the other over plain Python sockets, as fast as it goes.

Without a port it serves: a line for each number, and at the end the checksum. With one it receives, looks
at each index and compares the checksums. It keeps no session: a connection that is cut is the end.
"""
import hashlib
import socket
import struct
import sys
import threading
import time

from worker import answer

LENGTH = 65_535
BATCH = 4_096
RUN = 1.0


def value_at(index):
    return (index + 1) * 2_654_435_761 & 0xFFFFFFFF


def send(connection):
    sent = hashlib.sha256()
    with connection:
        for start in range(0, LENGTH, BATCH):
            lines = []
            for index in range(start, min(LENGTH, start + BATCH)):
                value = value_at(index)
                sent.update(struct.pack(">I", value))
                lines.append(b"NUMBER %d %d\n" % (index, value))
            connection.sendall(b"".join(lines))
        connection.sendall(b"FIN %d %s\n" % (LENGTH, sent.hexdigest().encode()))


def serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=send, args=(connection,), daemon=True).start()


def receive(port):
    received = hashlib.sha256()
    following = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for line in connection.makefile("rb"):
            word, first, second = line.split()
            if word == b"FIN":
                return int(first) == following and second.decode() == received.hexdigest()
            if int(first) != following:
                return False
            received.update(struct.pack(">I", int(second)))
            following += 1
    return False


def run(port):
    began = time.monotonic()
    numbers = 0
    while time.monotonic() - began < RUN:
        if not receive(port):
            raise ValueError("a sequence did not arrive")
        numbers += LENGTH
    return numbers / (time.monotonic() - began)


if len(sys.argv) > 1:
    answer({}, {"run": lambda: run(int(sys.argv[1]))})
else:
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    answer({"port": listener.getsockname()[1]}, {})
