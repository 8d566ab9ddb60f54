"""Checks a server against the scripts of vectors/*.json, with Python's standard library alone:

python3 examples/check_vectors.py vectors/sequence.json 127.0.0.1 49155"""
import hashlib, json, re, select, socket, sys, time, zlib


def philox(seed, index):
    counter, key = [index // 4, 0, 0, 0], seed
    for _ in range(10):
        low, high = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [high >> 32 ^ counter[1] ^ key[0], high & 0xFFFFFFFF, low >> 32 ^ counter[3] ^ key[1], low & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return counter[index % 4]


def expect(link, received, pattern, seen):
    def field(match):
        name = match[1]
        return re.escape(seen[name]) if name in seen else rf"(?P<{name}>[^\n]+?)"

    wanted = re.sub(r"\\{(\w+)\\}", field, re.escape(pattern).replace(r"\{\*\}", r"[^\n]*"))
    while not (found := re.match(wanted if pattern[-1] in " \n" else wanted + "$", received)):
        chunk = link.recv(4096).decode("latin-1")
        assert chunk, f"wanted {pattern!r}, the connection ended after {received!r}"
        received += chunk
    seen.update(found.groupdict())
    return received[found.end():]


def play(steps, address, kind):
    links, texts, seen, now = {}, {}, {}, None
    for step in steps:
        [(what, value)] = step.items()
        if what == "open":
            now, texts[value], links[value] = value, "", socket.socket(type=kind)
            links[now].settimeout(5), links[now].connect(address)
        elif what == "send":
            links[now].sendall(re.sub(r"\{(\w+)\}", lambda field: seen[field[1]], value).encode("latin-1"))
        elif what == "expect":
            texts[now] = expect(links[now], texts[now], value, seen)
        elif what == "close":
            links[value].close()
        elif what == "closed":
            assert texts[now] + links[now].recv(1).decode("latin-1") == "", "the connection is open"
        else:
            time.sleep(value / 1000)
            assert what == "sleep" or not select.select([links[now]], [], [], 0)[0], "wanted silence"


path, host, port = sys.argv[1:]
vectors = json.load(open(path))
print(vectors["about"], file=sys.stderr)
for given in vectors.get("generator", []):
    assert [philox(given["seed"], given["index"] + k) for k in range(len(given["values"]))] == given["values"], given
for given in vectors.get("checksums", []):
    data = b"".join(value.to_bytes(4, "big") for value in given["values"])
    assert (zlib.crc32(data), hashlib.sha256(data).hexdigest()) == (given["crc32"], given["sha256"]), given
for script in vectors.get("scripts", []):
    play(script["steps"], (host, int(port)), socket.SOCK_DGRAM if script.get("udp") else socket.SOCK_STREAM)
    print("ok", script["name"])
