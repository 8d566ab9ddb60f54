"""The child's side of a measurement, for Python: the same lines as bench/harness/worker.ts.

This file knows questions and answers in lines, and how to read this process's own cost. It does not
know what is measured.
"""
import gc
import json
import os
import platform
import resource
import sys
import threading
import time

NAME = f"Python {platform.python_version()} sockets"


def answer(ready, answers):
    """Says `ready`, then answers each line of standard input by the function of that name; then exits.

    A program whose loop has the main thread calls this in another one.
    """
    try:
        say({"name": NAME, **ready})
        for line in sys.stdin:
            say(answers[line.strip()]())
    finally:
        # Also when an answer failed: nobody must wait for it.
        os._exit(0)


def answer_beside(ready, answers):
    """The same in a thread of its own, which sleeps in a read while nothing is asked."""
    threading.Thread(target=answer, args=(ready, answers), daemon=True).start()


def interval_answers(count):
    """The answers `count`, and `begin` and `end` around what is counted."""
    started = {}

    def read():
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu = (used.ru_utime + used.ru_stime) * 1e6
        return {"count": count(), "ms": time.monotonic() * 1e3, "cpu": cpu}

    def begin():
        started.update(read())

    def end():
        now = read()
        return {key: now[key] - started[key] for key in now}

    return {"count": count, "begin": begin, "end": end}


def resident():
    """Bytes of the whole process, after a collection."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def say(value):
    print(json.dumps(value), flush=True)
