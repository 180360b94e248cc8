"""One DHCP packet, byte by byte as its words say, and what comes back.

    dhcp_peer.py INTERFACE [MARK] [WORD=VALUE ...]

Sends a frame of its own making and prints one line for each reply to it:
`OFFER yiaddr=192.0.2.10 server=192.0.2.2 siaddr=... dst=... dport=68`, or
`silence`.  With MARK, the MAC of a registered machine that nothing else is
wrong with, it does not wait for a time: the server has answered that machine
twice since.  Without, it waits ten seconds for one reply, or `wait`.

Words, in hex: op htype hlen hops flags chaddr cookie, raw (what stands for
all options), more (behind the options).  As text: sname.  In dots: ciaddr giaddr
src dst, and as options requested (50) server (54).  In tens: type (53),
sport, cut (the packet ends there), pad (it has at least so many bytes), times
(it is sent so often).  `ether` is the frame's destination.
"""

import os
import socket
import struct
import sys

NAMES = {0: "BOOTP", 2: "OFFER", 5: "ACK", 6: "NAK"}
COOKIE = bytes.fromhex("63825363")


def sums(data):
    data += b"\0" * (len(data) % 2)
    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while n >> 16:
        n = (n & 0xFFFF) + (n >> 16)
    return ~n & 0xFFFF


def message(w, xid):
    def number(name, default):
        return int(w.get(name, default), 16)

    options = b""
    if w.get("type", "1") != "0":
        options += bytes([53, 1, int(w.get("type", "1"))])
    for name, code in ("requested", 50), ("server", 54):
        if name in w:
            options += bytes([code, 4]) + socket.inet_aton(w[name])
    options += bytes.fromhex(w.get("more", "")) + b"\xff"
    if "raw" in w:
        options = bytes.fromhex(w["raw"])
    chaddr = bytes.fromhex(w["chaddr"].replace(":", ""))
    p = struct.pack("!BBBBIHH4s8x4s16s64s128x", number("op", "1"),
        number("htype", "1"), number("hlen", "6"), number("hops", "0"), xid,
        0, number("flags", "8000"), socket.inet_aton(w.get("ciaddr",
        "0.0.0.0")), socket.inet_aton(w.get("giaddr", "0.0.0.0")), chaddr,
        w.get("sname", "").encode())
    p += bytes.fromhex(w.get("cookie", COOKIE.hex())) + options
    p += b"\0" * (int(w.get("pad", "300")) - len(p))
    return p[:int(w["cut"])] if "cut" in w else p


def frame(w, own, payload):
    src = socket.inet_aton(w.get("src", "0.0.0.0"))
    dst = socket.inet_aton(w.get("dst", "255.255.255.255"))
    udp = struct.pack("!HHHH", int(w.get("sport", "68")), 67,
        8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17,
        0, src, dst)
    ip = ip[:10] + struct.pack("!H", sums(ip)) + ip[12:]
    ether = bytes.fromhex(w.get("ether", "ff" * 6).replace(":", ""))
    return ether + own + b"\x08\x00" + ip + udp


def read(f):
    """(xid, line) of a reply in a frame, or None."""
    if f[12:14] != b"\x08\x00" or f[23] != 17:
        return None
    sport, dport = struct.unpack("!HH", f[34:38])
    p = f[42:]
    if sport != 67 or len(p) < 240 or p[0] != 2:
        return None
    kind, server, at = 0, "-", 240
    while at + 1 < len(p) and p[at] != 255:
        if p[at] == 0:
            at += 1
            continue
        value = p[at + 2:at + 2 + p[at + 1]]
        if p[at] == 53:
            kind = value[0]
        if p[at] == 54:
            server = socket.inet_ntoa(value)
        at += 2 + p[at + 1]
    return struct.unpack("!I", p[4:8])[0], \
        "%s yiaddr=%s server=%s siaddr=%s dst=%s dport=%d" % (
        NAMES.get(kind, kind), socket.inet_ntoa(p[16:20]), server,
        socket.inet_ntoa(p[20:24]), socket.inet_ntoa(f[30:34]), dport)


def replies(s, wanted, until):
    """Lines for the xid wanted, up to the reply to `until` or a timeout."""
    lines = []
    try:
        while True:
            r = read(s.recv(4096))
            if r is None:
                continue
            if r[0] == wanted:
                lines.append(r[1])
            if r[0] == until:
                return lines, True
    except socket.timeout:
        return lines, False


def open_wire(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((name, 0))
    return s


def exchange(s, mark, w):
    """Lines of the replies to a packet of these words."""
    own = s.getsockname()[4]
    w.setdefault("chaddr", own.hex())
    s.settimeout(float(w.get("wait", "10")))
    xid = int.from_bytes(os.urandom(3), "big") << 8
    for _ in range(int(w.get("times", "1"))):
        s.send(frame(w, own, message(w, xid)))
    if mark is None:
        return replies(s, xid, xid)[0]
    lines = []
    for turn in 1, 2:
        s.send(frame({}, own, message({"chaddr": mark}, xid + turn)))
        more, there = replies(s, xid, xid + turn)
        lines += more
        if not there:
            raise SystemExit("the machine that marks the end has no answer")
    return lines


def words(texts):
    return dict(text.split("=", 1) for text in texts)


def main():
    name, mark = sys.argv[1], None
    texts = sys.argv[2:]
    if texts and "=" not in texts[0]:
        mark = texts.pop(0)
    print("\n".join(exchange(open_wire(name), mark, words(texts))) or
        "silence")


if __name__ == "__main__":
    main()
