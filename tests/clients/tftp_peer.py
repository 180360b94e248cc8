"""A TFTP client that misbehaves: one case a run, named by the first argument,
against the server that the second and third name.  Used by tftp."""

import os
import select
import socket
import struct
import sys
import time

UNKNOWN = 5, 5, b"unknown transfer ID\0"
HOST, PORT = sys.argv[2], int(sys.argv[3])
FAMILY = socket.AF_INET6 if ":" in HOST else socket.AF_INET


class Peer:
    """One port; speaks with whatever port of the server answers.

    Where a packet too many is a fault, it asks for a timeout of 5 seconds:
    so none comes because this machine is slow."""

    def __init__(self, wait=3.0):
        self.s = socket.socket(FAMILY, socket.SOCK_DGRAM)
        self.s.settimeout(wait)
        self.to = (HOST, PORT)

    def ask(self, name, mode=b"octet", opcode=1, **options):
        p = struct.pack(">H", opcode) + name + b"\0" + mode + b"\0"
        for k, v in options.items():
            p += k.encode() + b"\0" + str(v).encode() + b"\0"
        self.s.sendto(p, (HOST, PORT))

    def get(self, wait=None):
        """(opcode, number, rest) of the next packet, None in silence."""
        if wait is not None:
            self.s.settimeout(wait)
        try:
            p, self.to = self.s.recvfrom(70000)
        except (socket.timeout, BlockingIOError):
            return None
        assert self.to[0].split("%")[0] == HOST, "answered by " + self.to[0]
        op, = struct.unpack(">H", p[:2])
        if op == 6:
            words = p[2:].split(b"\0")
            return 6, dict(zip(words[0::2], words[1::2])), b""
        return op, struct.unpack(">H", p[2:4])[0], p[4:]

    def ack(self, n):
        self.s.sendto(struct.pack(">HH", 4, n & 0xFFFF), self.to)

    def error(self, code=0, text=b"enough"):
        self.s.sendto(struct.pack(">HH", 5, code) + text + b"\0", self.to)

    def raw(self, p):
        self.s.sendto(p, (HOST, PORT))


def want(got, wanted):
    assert got == wanted, "got %r, not %r" % (got, wanted)


def fetch(p, blksize=512, window=1, rollover=0, lose=lambda n: False):
    """The rest of a transfer whose first packet was an OACK, or is to come."""
    out, n, held = [], 1, 0
    while True:
        r = p.get()
        assert r is not None, "silence after block %d" % (n - 1)
        op, wire, data = r
        assert op == 3, r
        want_wire = n & 0xFFFF if rollover == 0 else (n - 1) % 65535 + 1
        if wire != want_wire or lose(n):
            continue
        out.append(data)
        held += 1
        n += 1
        if held == window or len(data) < blksize:
            p.ack(wire)
            held = 0
        if len(data) < blksize:
            return b"".join(out)


def refused(name, code, **more):
    p = Peer()
    p.ask(name, **more)
    r = p.get()
    assert r is not None and r[0] == 5, r
    want(r[1], code)
    assert r[2].endswith(b"\0") and len(r[2]) > 4, r
    want(p.get(0.3), None)      # one packet, no more


def names():
    refused(b"nothing", 1)
    refused(b"../db/hosts/data.mdb", 2)
    refused(b"boot/../../db/events", 2)
    refused(b"..\\..\\etc\\passwd", 2)
    refused(b"/etc/passwd", 1)
    refused(b"etc-link", 2)
    refused(b"up-link", 2)
    refused(b"boot", 2)
    refused(b"fifo", 2)
    refused(b"device", 2)
    refused(b"secret", 2)
    refused(b"a" * 500, 1)
    refused(b"a/" * 250, 1)
    refused(b"hosts/other/file", 2)
    refused(b"\xff\xfe\x1b[31m", 1)
    refused(b"f513", 2, opcode=2)


def packets():
    for p, code in ((b"", None), (b"\0", None), (b"\0\1", 4), (b"\0\1f1\0", 4),
                    (b"\0\1f1\0octet", 4), (b"\0\1f1\0mail\0", 4),
                    (b"\0\1\0octet\0", 1), (b"\0\7f1\0octet\0", 4),
                    (b"\0\4\0\1", 4), (b"\0\1f1\0octet\0blksize\0", 8),
                    (b"\0\1f1\0octet\0blksize\x00512", 8),
                    (b"\0\1" + b"x" * 5000, 4),
                    (b"\0\5\0\0no\0", None)):
        peer = Peer()
        peer.raw(p)
        r = peer.get(2 if code is not None else 0.3)
        if code is None:
            want(r, None)
        else:
            want(r and r[:2], (5, code))


def options():
    for asked, wanted in (
            ({"blksize": 1428}, {b"blksize": b"1428"}),
            ({"blksize": 70000}, {b"blksize": b"65464"}),
            ({"tsize": 0}, {b"tsize": b"513"}),
            ({"blksize": 8, "tsize": 0, "windowsize": 4, "nonsense": 1},
             {b"blksize": b"8", b"tsize": b"513", b"windowsize": b"4"}),
            ({"timeout": 2, "rollover": 1},
             {b"timeout": b"2", b"rollover": b"1"}),
            ({"blksize2": 1500}, {b"blksize2": b"1024"})):
        p = Peer()
        p.ask(b"f513", **asked)
        op, got, _ = p.get()
        got.pop(b"", None)
        want((op, got), (6, wanted))
        p.error(8)
    for asked in ({"blksize": 7}, {"blksize": -1}, {"blksize": ""},
                  {"windowsize": 0}, {"timeout": 0}, {"tsize": "x"}):
        p = Peer()
        p.ask(b"f513", **asked)
        want(p.get()[:2], (3, 1))
        p.error()


def size_only():
    """OVMF asks for the size, and then gives up."""
    p = Peer()
    p.ask(b"f513", tsize=0, blksize=1468)
    want(p.get()[0], 6)
    p.error(0, b"User aborted the transfer")
    want(p.get(0.3), None)
    p.ask(b"f513", blksize=1468)        # from the same port
    want(p.get()[0], 6)
    p.ack(0)
    want(len(fetch(p, 1468)), 513)


def asked_twice():
    p = Peer()
    p.ask(b"f513", tsize=0, timeout=5)
    want(p.get()[0], 6)
    first = p.to
    want(p.get(0.5), None)      # an OACK is not repeated by itself
    p.ask(b"f513", tsize=0, timeout=5)
    want(p.get(1)[0], 6)
    want(p.to, first)           # the same transfer
    p.ack(0)
    want(p.get(1)[:2], (3, 1))
    p.ask(b"f513", tsize=0, timeout=5)  # a late double of the request
    want(p.get(0.01), None)
    p.error()
    # Another file from the same port is another transfer.
    p.ask(b"f513")
    want(p.get(1)[:2], (3, 1))
    p.ask(b"f1")
    want(len(p.get(1)[2]), 1)
    p.ack(1)


def stranger():
    p, q = Peer(), Peer()
    p.ask(b"f1428", timeout=5)
    want(p.get()[0], 6)
    p.ack(0)
    want(p.get()[:2], (3, 1))
    q.to = p.to
    q.ack(1)
    want(q.get(1)[:2], (5, 5))
    q.error()                           # no answer to an ERROR
    want(q.get(0.2), None)
    p.ack(1)
    want(p.get(1)[:2], (3, 2))
    p.ack(9)                            # a block that was never sent
    want(p.get(0.005), None)
    p.ack(2)
    want(p.get(1)[:2], (3, 3))
    p.ack(3)
    p.ack(3)                            # late: no ERROR for that
    want(p.get(0.3), None)


def sorcerer():
    """Each ACK twice; each block must come once."""
    p = Peer()
    p.ask(b"f14280", timeout=5)
    want(p.get()[0], 6)
    p.ack(0)
    p.ack(0)
    seen = []
    while True:
        r = p.get(1)
        if r is None:
            break
        seen.append(r[1])
        p.ack(r[1])
        p.ack(r[1])
    want(seen, list(range(1, 29)))


def lost_ack():
    p = Peer()
    p.ask(b"f1428")
    want(p.get()[:2], (3, 1))
    p.ack(1)
    want(p.get()[:2], (3, 2))
    want(p.get(2)[:2], (3, 2))          # again
    p.ack(2)
    r = p.get(2)
    while r[1] == 2:
        r = p.get(2)
    want(r[:2], (3, 3))
    p.ack(3)


def window():
    p = Peer()
    p.ask(b"f14280", blksize=512, windowsize=8, timeout=5)
    want(p.get()[0], 6)
    p.ack(0)
    want([p.get()[1] for _ in range(8)], list(range(1, 9)))
    p.ack(3)                            # 4 was lost
    want([p.get()[1] for _ in range(8)], list(range(4, 12)))
    p.ack(11)
    got = fetch_from(p, 12, 8)
    want(got, 28)


def fetch_from(p, n, window):
    held = 0
    while True:
        op, wire, data = p.get()
        want(op, 3)
        if wire != n:
            continue
        n += 1
        held += 1
        if held == window or len(data) < 512:
            p.ack(wire)
            held = 0
        if len(data) < 512:
            return n - 1


def rollover():
    """66,000 blocks of 8 bytes, past 65535 to 0 and to 1."""
    data = open(sys.argv[4], "rb").read()
    for r in (0, 1):
        p = Peer()
        p.ask(b"f528000", blksize=8, windowsize=64, rollover=r)
        want(p.get()[0], 6)
        p.ack(0)
        assert fetch(p, 8, 64, r) == data, "other bytes"


def truncated():
    """The file is cut in the middle: an ERROR, and the server lives."""
    path = sys.argv[4]
    p = Peer()
    p.ask(b"cut", blksize=1428, timeout=5)
    want(p.get()[0], 6)
    p.ack(0)
    for n in range(1, 11):
        want(p.get()[:2], (3, n))
        if n == 10:
            os.truncate(path, 5000)
        p.ack(n)
    while True:
        op, n, text = p.get()
        if op != 3:
            break
        p.ack(n)
    want((op, n), (5, 0))
    assert b"changed" in text, text


def opened(name, blksize=1428):
    """A transfer whose first ten blocks have come."""
    p = Peer()
    p.ask(name, blksize=blksize)
    want(p.get()[0], 6)
    p.ack(0)
    head = []
    for n in range(1, 11):
        r = p.get()
        while r[1] != n:        # sent again meanwhile
            r = p.get()
        want(r[0], 3)
        head.append(r[2])
        if n < 10:
            p.ack(n)
    return p, b"".join(head)


def rest(p, n, blksize=1428):
    """What follows block n, whose ACK is still to be sent."""
    out = []
    p.ack(n)
    while not out or len(out[-1]) == blksize:
        op, wire, data = p.get()
        want(op, 3)
        if wire != n + 1:
            continue
        n += 1
        out.append(data)
        p.ack(n)
    return b"".join(out)


def replaced():
    """Another file takes its place, then none: both as they were."""
    path = sys.argv[4]
    old = open(path, "rb").read()
    p, head = opened(b"new")
    with open(path + ".tmp", "wb") as f:
        f.write(old[::-1])
    os.rename(path + ".tmp", path)
    q, first = opened(b"new")
    want(first, old[::-1][:14280])
    os.unlink(path)
    assert head + rest(p, 10) == old, "not the old one"
    assert first + rest(q, 10) == old[::-1], "not the new one"
    refused(b"new", 1)


def written():
    """A byte is written in place, another appended: not the end."""
    path = sys.argv[4]
    for where, mode in ((500000, "r+b"), (0, "ab")):
        p, _ = opened(b"written")
        with open(path, mode) as f:
            f.seek(where)
            f.write(b"x")
        n = 10
        p.ack(n)
        while True:
            op, wire, text = p.get()
            if op != 3:
                break
            assert len(text) == 1428, "the end"
            if wire == n + 1:
                n += 1
                p.ack(n)
        want((op, wire), (5, 0))
        assert b"changed" in text, text


def asked_anew():
    """The same request from the same port: once it is quiet, a new one."""
    p, head = opened(b"f528000")
    p.ask(b"f528000", blksize=1428)     # doubled on the way: nothing new
    r = p.get()
    want(r[:2], (3, 10))                # but 10, as its ACK is lost
    until = time.time() + 1.2           # what takes it for given up
    while time.time() < until:
        r = p.get(0.1)
        assert r is None or r[:2] == (3, 10), r
    p.ask(b"f528000", blksize=1428)
    r = p.get(1)
    while r[0] == 3:
        r = p.get(1)
    want(r[0], 6)
    p.ack(0)
    r = p.get(1)
    want(r[:2], (3, 1))
    want(r[2], head[:1428])
    p.error()


def asks(all, **options):
    """A transfer that was granted, and has not been answered.  Nobody else
    may have its port as long as the server knows it: it is kept in all."""
    p = Peer(1)
    all.append(p)
    p.ask(b"f528000", **options)
    want(p.get()[0], 6)
    return p


def acks_elsewhere(p, to):
    """Says ACK 0 there, not where its answer came from: what comes back."""
    mine, p.to = p.to, to
    p.ack(0)
    got = p.get(0.3)
    p.to = mine
    return got


def forged():
    """Who knows ports of transfers, and acknowledges in another's name."""
    all = []
    known = [asks(all, blksize=1468, timeout=5) for _ in range(100)]
    ports = {p.to for p in known}
    assert len(ports) > 20, ports
    # One packet an ACK: a wrong guess ends it.
    p = asks(all, blksize=1468, timeout=5)
    ports.discard(p.to)
    want(acks_elsewhere(p, ports.pop()), None)
    p.ack(0)
    want(p.get(0.3), None)
    # One in 32 is right: more than 12 of 64 is once in a million.
    to = known[0].to
    guess = [asks(all, blksize=1468, timeout=5) for _ in range(64)]
    for p in guess:
        p.to = to
        p.ack(0)
    assert acks_elsewhere(asks(all, windowsize=64), to) in (None, UNKNOWN)
    data = sum(p.get(0) is not None for p in guess)
    assert data <= 12, data
    # More than four: nobody shares it, and it was never known.
    known = [asks(all, blksize=1468, windowsize=4, timeout=5)
             for _ in range(200)]
    ports.update(p.to for p in known)
    assert len(ports) > 64, ports
    for options in {"windowsize": 5}, {"windowsize": 64}, {"blksize": 8192}:
        for _ in range(8):
            p = asks(all, **{"blksize": 1468, "timeout": 5, **options})
            assert p.to not in ports, p.to
            ports.add(p.to)
            # None: one that ended lately had this port.
            assert acks_elsewhere(p, to) in (None, UNKNOWN)
    p.ack(0)
    want(p.get()[:2], (3, 1))


def silent():
    """Never answered: one OACK; DATA not for ever."""
    p = Peer()
    p.ask(b"f513", tsize=0)
    want(p.get()[0], 6)
    want(p.get(2.5), None)
    p = Peer()
    p.ask(b"f513")
    n = 0
    until = time.time() + 6
    while time.time() < until and p.get(2.2) is not None:
        n += 1
    assert 1 <= n <= 3, n


def whole():
    """The file of argument 4, by name of argument 5: as it is on the disk."""
    p = Peer()
    p.ask(sys.argv[5].encode(), blksize=1428)
    want(p.get()[0], 6)
    p.ack(0)
    assert fetch(p, 1428) == open(sys.argv[4], "rb").read(), "other bytes"


def put_begun(name, **options):
    p = Peer()
    p.ask(name, opcode=2, **options)
    want(p.get()[:2], (4, 0)) if not options else want(p.get()[0], 6)
    return p


def data(p, n, size=512):
    p.s.sendto(struct.pack(">HH", 3, n) + b"x" * size, p.to)


def put_aborted():
    p = put_begun(sys.argv[4].encode())
    data(p, 1)
    want(p.get()[:2], (4, 1))
    p.error()


def put_silent():
    p = put_begun(sys.argv[4].encode(), blksize=512)
    want(p.get(0.3), None)      # one OACK
    data(p, 1)
    want(p.get(1)[:2], (4, 1))


def put_twice():
    p = Peer()
    p.ask(sys.argv[4].encode(), opcode=2)
    want(p.get()[:2], (5, 0))


def put_again():
    """A client that begins anew, from the same port, in the middle."""
    p = put_begun(sys.argv[4].encode())
    data(p, 1)
    want(p.get()[:2], (4, 1))
    p.ask(sys.argv[4].encode(), opcode=2)
    want(p.get()[:2], (4, 0))
    data(p, 1, 7)
    want(p.get()[:2], (4, 1))
    p.ask(sys.argv[4].encode(), opcode=2)   # and after the end
    want(p.get()[:2], (4, 0))
    data(p, 1, 8)
    want(p.get()[:2], (4, 1))


def put_window():
    """Windows of 4; 6 is lost, 4 comes twice, the last ACK is lost."""
    p = put_begun(sys.argv[4].encode(), blksize=100, windowsize=4)
    for n in range(1, 5):
        data(p, n, 100)
    want(p.get()[:2], (4, 4))
    data(p, 4, 100)
    want(p.get()[:2], (4, 4))
    for n in (5, 7, 8):
        data(p, n, 100)
    want(p.get()[:2], (4, 5))
    for first in range(6, 58, 4):
        for n in range(first, first + 4):
            data(p, n, 0 if n == 58 else 100)
            if n == 58:
                break
        want(p.get()[:2], (4, min(first + 3, 58)))
    data(p, 58, 0)
    want(p.get()[:2], (4, 58))


class Disk:
    """The disk of tests/lib/hold.c, whose directory is argument 5."""

    def __init__(self):
        self.begun = os.open(sys.argv[5] + "/begun", os.O_RDWR)
        self.go = os.open(sys.argv[5] + "/go", os.O_RDWR)

    def asked(self):
        """One fsync has begun."""
        assert select.select([self.begun], [], [], 10)[0], "no fsync"
        os.read(self.begun, 1)

    def answer(self, byte=b"g"):
        os.write(self.go, byte)


def put_whole(disk):
    """All of a file of two blocks is there, and the disk works."""
    p = put_begun(sys.argv[4].encode())
    data(p, 1)
    want(p.get()[:2], (4, 1))
    data(p, 2, 7)
    disk.asked()
    return p


def quiet(p):
    """What p sent has been looked at, and there was no answer to it."""
    other = Peer()
    other.to = p.to
    other.ack(1)
    want(other.get()[:2], (5, 5))
    want(p.get(0.01), None)


def put_slow():
    """The disk takes its time: nobody waits but the client, who hears
    nothing before the file is there."""
    disk = Disk()
    p = put_whole(disk)
    other = Peer()
    other.ask(b"f513")
    want(other.get()[:2], (3, 1))
    other.ack(1)
    want(other.get()[:2], (3, 2))
    other.ack(2)
    data(p, 2, 7)
    quiet(p)
    p.ask(sys.argv[4].encode(), opcode=2)   # to the other port: a moment
    want(p.get(0.3), None)
    disk.answer()
    disk.asked()                            # the directory
    quiet(p)
    disk.answer()
    want(p.get()[:2], (4, 2))
    want(p.get(0.1), None)
    data(p, 2, 7)
    want(p.get()[:2], (4, 2))


def put_refused():
    """The disk is full, or broken, when all is there already."""
    disk = Disk()
    for answers, code in ((b"n", 3), (b"i", 0), (b"gi", 0)):
        p = put_whole(disk)
        disk.answer(answers[:1])
        if len(answers) > 1:
            disk.asked()
            disk.answer(answers[1:])
        r = p.get()
        want(r[:2], (5, code))
        want(p.get(0.1), None)


def put_gone():
    """The client gives up while the disk works."""
    disk = Disk()
    p = put_whole(disk)
    p.error()
    quiet(p)
    disk.answer()
    r = select.select([disk.begun], [], [], 0.3)
    want(r[0], [])              # no directory is written to
    want(p.get(0.1), None)


def put_end():
    """The server is told to end (its process is argument 6)."""
    disk = Disk()
    p = put_whole(disk)
    os.kill(int(sys.argv[6]), 15)
    while True:                 # until it looks at nothing anymore
        other = Peer()
        other.ask(b"f513")
        if other.get(0.3) is None:
            break
        other.error()
    disk.answer()
    disk.asked()
    disk.answer()
    want(p.get()[:2], (4, 2))


def flood():
    """60 requests from 60 ports: 40, twenty seconds' worth, get an answer."""
    peers = [Peer() for _ in range(60)]
    for p in peers:
        p.ask(sys.argv[4].encode(), tsize=0)
    answered = sum(p.get(0.05) is not None for p in peers)
    assert 36 <= answered <= 44, answered


def real():
    """100 transfers from as many ports, each taken to its end."""
    for _ in range(100):
        p = Peer()
        p.ask(sys.argv[4].encode(), blksize=8192)
        want(p.get()[:1], (6,))
        p.ack(0)
        fetch(p, 8192)


def descriptors():
    """200 transfers of 200 files: so many that argument 4 is enough for are
    begun, and those end; afterwards there is room again."""
    most, begun, refused = int(sys.argv[4]), [], 0
    for i in range(200):
        p = Peer()
        p.ask(b"many/%d" % i, tsize=0)
        r = p.get()
        if r[0] == 6:
            begun.append(p)
            continue
        want(r, (5, 0, b"too many open files, try again\0"))
        refused += 1
    if most < 200:
        assert most // 2 < len(begun) < most, len(begun)
    else:
        want(refused, 0)
    for p in begun:
        p.ack(0)
        want(len(fetch(p)), 1500)
    for name in b"many/199", b"f513":
        p = Peer()
        p.ask(name)
        want(p.get()[:2], (3, 1))
        p.error()


def windows(n, wait):
    """So many ask for a large window at once: those that got an answer."""
    peers = [Peer(wait) for _ in range(n)]
    for p in peers:
        p.ask(b"large", blksize=1468, windowsize=64)
    answers = [(p, p.get()) for p in peers]
    for _, r in answers:
        assert r is None or r[0] == 6, r
    return [p for p, r in answers if r is not None]


def windows_and_files():
    """100 with a large window, for each of whom a socket is opened while
    there are some: files can be opened all the same."""
    peers = windows(100, 3)
    want(len(peers), 100)
    ports = {p.to for p in peers}
    assert len(ports) > 8, ports
    for i in range(8):
        p = Peer()
        p.ask(b"many/%d" % i)
        want(p.get()[:2], (3, 1))
    for p in peers:
        p.ack(0)
        want(p.get()[0], 3)


def share_of_ports():
    """The worker of argument 4 says nothing; the other one leaves it its
    half of the 8 ports, however many ask for large windows."""
    os.kill(int(sys.argv[4]), 19)
    try:
        peers = windows(64, 0.1)
    finally:
        os.kill(int(sys.argv[4]), 18)
    assert 8 < len(peers) < 56, len(peers)
    want(len({p.to for p in peers}), 4)


def nothing():
    """What is too short for TFTP, at the port of transfers: no answer."""
    p = Peer()
    p.ask(b"f513")
    want(p.get()[:2], (3, 1))
    q = Peer()
    q.to = p.to
    for packet in (b"", b"\0", b"\0\4", b"\0\4\0"):
        q.s.sendto(packet, q.to)
    quiet(q)
    p.ack(1)
    want(p.get()[:2], (3, 2))
    p.ack(2)


def errors():
    """ERRORs that say why, or are cut short: the end all the same."""
    p = Peer()
    p.ask(b"f513", blksize=1428)
    want(p.get()[0], 6)
    p.error(8, b"no\nsuch block")
    p = Peer()
    p.ask(b"f513", tsize=0)
    want(p.get()[0], 6)
    p.error(0, b"only the size")
    cut = []
    for packet in b"\0\5", b"\0\5\0", b"\0\5\0\3", b"\0\5\0\3full":
        p = Peer()
        p.ask(b"f513", utimeout=100000)
        want(p.get()[0], 6)
        p.ack(0)
        want(p.get()[:2], (3, 1))
        p.s.sendto(packet, p.to)
        cut.append(p)
    quiet(p)
    for p in cut:
        while p.get(0.01) is not None:
            pass
        want(p.get(0.3), None)
    p = put_begun(sys.argv[4].encode())
    data(p, 1)
    want(p.get()[:2], (4, 1))
    p.s.sendto(b"\0\5", p.to)
    quiet(p)


def begin_two():
    """Under way when the server ends: a file in each direction."""
    put_silent()
    p = Peer()
    p.ask(b"f513", timeout=5)
    want(p.get()[0], 6)
    p.ack(0)
    want(p.get()[:2], (3, 1))


def workers():
    """32 transfers; then the worker of argument 4 is killed."""
    peers = [Peer() for _ in range(32)]
    for p in peers:
        p.ask(b"f14280")
        want(p.get()[:2], (3, 1))
        first = p.to
        p.ask(b"f14280")        # again: it meets its own transfer
        want(p.get()[:2], (3, 1))
        want(p.to, first)
    os.kill(int(sys.argv[4]), 9)
    for p in peers:
        p.ack(1)
    alive, dead = [], []
    for p in peers:
        r = p.get(0.2)
        while r is not None and r[1] == 1:
            r = p.get(0.2)
        (dead if r is None else alive).append(p)
    assert alive and dead, "%d in the other worker" % len(alive)
    for p in alive:
        p.ack(2)
        r = p.get(1)
        while r[1] == 2:        # sent again meanwhile
            r = p.get(1)
        want(r[:2], (3, 3))
        p.error()
    for p in dead:              # the new worker has the same socket
        p.ask(b"f14280")
        want(p.get(3)[:2], (3, 1))
        p.error()


def many():
    """30 ask at once: so many of them are answered as argument 4 says."""
    peers = [Peer() for _ in range(30)]
    for p in peers:
        p.ask(b"f14280", tsize=0)
    answered = sum(p.get(0.1) is not None for p in peers)
    # Two workers may see room for the last one at the same time.
    assert 0 <= answered - int(sys.argv[4]) <= 1, answered
    for p in peers:
        p.error()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
