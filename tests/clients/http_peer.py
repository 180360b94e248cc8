"""A client of HTTP that misbehaves, or looks at every byte.

    http_peer.py CASE HOST PORT [ARGUMENT...]

Exits with 0 if the server did as it must; else with words on stderr.
"""
import os
import select
import signal
import socket
import sys
import time

host, port = sys.argv[2], int(sys.argv[3])


def connect(buffer=None):
    info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    s = socket.socket(info[0], socket.SOCK_STREAM)
    if buffer:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    s.settimeout(20)
    s.connect(info[4])
    return s


def all_of(s):
    """What comes until the end; a reset is an end, too."""
    got = bytearray()
    try:
        while True:
            part = s.recv(65536)
            if not part:
                break
            got += part
    except ConnectionResetError:
        pass
    return bytes(got)


def ask(raw):
    s = connect()
    try:
        s.sendall(raw)
    except (ConnectionResetError, BrokenPipeError):
        pass
    got = all_of(s)
    s.close()
    return got


def status(answer):
    words = answer.split(b' ', 2)
    return int(words[1]) if len(words) > 1 else 0


def head(s):
    got = b''
    while b'\r\n\r\n' not in got:
        part = s.recv(65536)
        if not part:
            raise AssertionError('closed after %r' % got)
        got += part
    return got.split(b'\r\n\r\n', 1)


def length(h):
    for line in h.split(b'\r\n'):
        if line.lower().startswith(b'content-length:'):
            return int(line.split(b':')[1])
    raise AssertionError('no Content-Length: %r' % h)


def get(name, *fields, close=True):
    lines = ['GET %s HTTP/1.1' % name, 'Host: boot'] + list(fields)
    if close:
        lines.append('Connection: close')
    return ('\r\n'.join(lines) + '\r\n\r\n').encode('latin-1')


def expect(what, got, *wanted):
    if got not in wanted:
        raise AssertionError('%s: %s, not %s' % (what, got, wanted))


NEXT = b'GET /f513 HTTP/1.1\r\nHost: boot\r\n\r\n'


def smuggling():
    """One answer, 400 (or 405, 505), and the end; the rest is not seen."""
    h = b'GET /f1 HTTP/1.1\r\nHost: boot\r\n'
    body = b'%d\r\n\r\n' % len(NEXT)
    for raw in (
            h + b'Content-Length: ' + body + NEXT,
            h + b'Content-Length: 0\r\nContent-Length: ' + body + NEXT,
            h + b'Content-Length: ' + body[:-4] +
            b'\r\nContent-Length: 0\r\n\r\n' + NEXT,
            h + b'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n'
            b'0\r\n\r\n' + NEXT,
            h + b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + NEXT,
            h + b'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n' + NEXT,
            h + b'Transfer-Encoding: xchunked\r\n\r\n' + NEXT,
            h + b'Transfer-Encoding : chunked\r\n\r\n' + NEXT,
            h + b'Content-Length : 5\r\n\r\n' + NEXT,
            h + b'Content-Length: +0\r\n\r\n' + NEXT,
            h + b'Content-Length: 0x0\r\n\r\n' + NEXT,
            h + b'Content-Length: -1\r\n\r\n' + NEXT,
            h + b'Content-Length: 0, 0\r\n\r\n' + NEXT,
            h + b'X: y\r\n Content-Length: 5\r\n\r\n' + NEXT,
            h + b'X: y\r\n\tz\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1\r\n Host: boot\r\n\r\n' + NEXT,
            h + b'X: a\0b\r\n\r\n' + NEXT,
            h + b'X\0: b\r\n\r\n' + NEXT,
            h + b'X: a\rContent-Length: 5\r\n\r\n' + NEXT,
            h + b'no colon\r\n\r\n' + NEXT,
            h + b': no name\r\n\r\n' + NEXT,
            h + b'Host: other\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1\r\n\r\n' + NEXT,
            b'GET /f1\r\n\r\n' + NEXT,
            b'GET  /f1 HTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1 \r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1\tHTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/2.0\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.10\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1 http/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1\0 HTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'GET f1 HTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'GET * HTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'POST /f1 HTTP/1.1\r\nHost: a\r\nContent-Length: ' + body + NEXT,
            b'POST /f1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n'
            b'\r\n0\r\n\r\n' + NEXT,
            b'HEAD /f1 HTTP/1.1\r\nHost: a\r\nContent-Length: ' + body + NEXT,
            b'DELETE /f1 HTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1\nHost: boot\n\n' + NEXT,
            b'GET /f1 HTTP/1.1\r\nHost: boot\n\r\n' + NEXT,
            h + b'X: a\nContent-Length: 5\r\n\r\n' + NEXT,
            h + b'X: a\n\n' + NEXT,
            h + b'X: a\r\n\n' + NEXT,
            h + b'X: a\r\r\n\r\n' + NEXT,
            h + b'\0: b\r\n\r\n' + NEXT,
            h + b'Content-Length: 5\r\nX: a\r\n\r\n12345' + NEXT,
            h + b'Content-Length: 05\r\n\r\n' + NEXT,
            h + b'Content-Length:\r\n\r\n' + NEXT,
            h + b'Content-Length: 1 0\r\n\r\n' + NEXT,
            h + b'Content-Length: 18446744073709551616\r\n\r\n' + NEXT,
            h + b'Content_Length: 0\r\nContent-Length: 0\v\r\n\r\n' + NEXT,
            h + b'Transfer-Encoding: identity\r\n\r\n' + NEXT,
            h + b'Transfer-Encoding:\vchunked\r\n\r\n' + NEXT,
            h + b'Transfer-Encoding:\r\n chunked\r\n\r\n' + NEXT,
            h + b'transfer-encoding: chunked\r\n\r\n0\r\n\r\n' + NEXT,
            h + b'Host : other\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1\r\nHost: a b\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1\r\nHost: a/b\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1\r\nHost: x@a\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/1.1\r\nX: y\r\n\r\n' + NEXT,
            b'GET /f1 f2 HTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1 HTTP/0.9\r\nHost: a\r\n\r\n' + NEXT,
            b'GET /f1\r\n' + NEXT,
            b'GET\r\n\r\n' + NEXT,
            b' GET /f1 HTTP/1.1\r\nHost: a\r\n\r\n' + NEXT,
            b'\r\n\r\n' + h + b'\r\n' + NEXT,
            b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + NEXT,
            b'CONNECT boot:80 HTTP/1.1\r\nHost: boot\r\n\r\n' + NEXT,
            b'GARBAGE\r\n\r\n' + NEXT,
            b'\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n' + NEXT):
        got = ask(raw)
        if got:
            expect(raw, status(got), 400, 405, 505)
        expect(raw, got.count(b'HTTP/1.1 '), 0, 1)


def names():
    for name, wanted in (
            ('/f513', (200,)), ('//f513', (200,)), ('///.//f513', (200,)),
            ('/%66513', (200,)), ('/f513?x=../y', (200,)),
            ('http://elsewhere:81/f513', (200,)),
            ('HTTP://[2001:db8::1]/f513', (200,)),
            ('/..%2fetc/passwd', (403,)), ('/%2e%2e/etc/passwd', (403,)),
            ('/%2e./etc/passwd', (403,)), ('/.%2E/etc/passwd', (403,)),
            ('/boot/../../etc/passwd', (403,)), ('/..', (403,)),
            ('/..\\etc\\passwd', (403,)), ('/%5c..%5cetc', (403,)),
            ('/%252e%252e/etc/passwd', (404,)),
            ('/%c0%ae%c0%ae/etc/passwd', (404,)),
            ('/%c0%ae%c0%ae%c0%afetc%c0%afpasswd', (404,)),
            ('/%e0%80%ae%e0%80%ae/etc/passwd', (404,)),
            ('/%uff0e%uff0e/etc/passwd', (400,)),
            ('/%25252e%25252e/etc/passwd', (404,)),
            ('/%2e%2e%2f%2e%2e%2fetc%2fpasswd', (403,)),
            ('/%2e%2e%5c%2e%2e%5cetc%5cpasswd', (403,)),
            ('/boot/%2e%2e/%2e%2e/etc/passwd', (403,)),
            ('/boot/..', (403,)), ('/boot/../f513', (403,)),
            ('/..;/etc/passwd', (404,)), ('/.../etc/passwd', (404,)),
            ('/..%00/etc/passwd', (400,)), ('/..%0d%0aX:y', (400,)),
            ('/f513?/../../etc/passwd', (200,)),
            ('/f513?%2e%2e%00', (200,)), ('/?../etc/passwd', (403,)),
            ('/f513#/../etc/passwd', (400,)),
            ('/::../etc/passwd', (403,)), ('/::/etc/passwd', (404,)),
            ('file:///etc/passwd', (400,)), ('//etc/passwd', (404,)),
            ('http://x/../etc/passwd', (403,)),
            ('/f513%00.txt', (400,)), ('/%0a', (400,)), ('/%7f', (400,)),
            ('/%', (400,)), ('/%4', (400,)), ('/%zz', (400,)),
            ('ftp://x/f513', (400,)), ('/' + 'a' * 2000, (414,)),
            ('/etc-link', (403,)), ('/up-link', (403,)), ('/boot', (403,)),
            ('/', (403,)), ('/fifo', (403,)), ('/device', (403,)),
            ('/secret', (403,)), ('/hosts/other/file', (403,)),
            ('/hosts/web/../other/file', (403,)),
            ('/%68osts/other/file', (403,)), ('/x::hosts/other/file', (404,)),
            ('/x/::hosts/other/file', (403,)), ('/hosts/web/own', (200,))):
        got = ask(get(name))
        expect(name, status(got), *wanted)
        if b'root:' in got or b'other host' in got:
            raise AssertionError('%s: somebody else\'s' % name)


def ranges(path):
    with open(path, 'rb') as f:
        content = f.read()
    n = len(content)
    for value, wanted in (
            ('bytes=0-0', (0, 1)), ('bytes=0-', (0, n)),
            ('bytes=10-19', (10, 20)), ('bytes=-1', (n - 1, n)),
            ('bytes=-%d' % (2 * n), (0, n)),
            ('bytes=%d-' % (n - 1), (n - 1, n)),
            ('bytes=5-99999999999999999999999', (5, n)),
            ('bytes=1-18446744073709551615', (1, n)),
            ('BYTES=1-2', (1, 3)), ('bytes=%d-' % n, None),
            ('bytes=18446744073709551615-18446744073709551615', None),
            ('bytes=99999999999999999999999-', None), ('bytes=-0', None),
            ('bytes=9-3', 'all'), ('bytes=-', 'all'), ('bytes=', 'all'),
            ('bytes=x-', 'all'), ('lines=1-2', 'all'), ('bytes=1', 'all'),
            ('bytes=0-3,2-8', 'all'), ('bytes=0-,0-,0-,0-', 'all'),
            ('bytes=' + ','.join('0-%d' % k for k in range(1000)), 'all'),
            ('bytes=-1,-2', 'all'), ('bytes=0-0,%d-' % n, 'all'),
            ('bytes=-18446744073709551616', (0, n)),
            ('bytes=0-9223372036854775807', (0, n)),
            ('bytes=9223372036854775807-9223372036854775808', None),
            ('bytes=%d-%d' % (n - 1, n), (n - 1, n)),
            ('bytes=0 - 1', 'all'), ('bytes =0-1', 'all'),
            ('bytes=0x0-1', 'all'), ('bytes=-1-2', 'all'),
            ('bytes=--1', 'all'), ('bytes=1-2x', 'all')):
        h, body = ask(get('/' + os.path.basename(path),
                          'Range: ' + value)).split(b'\r\n\r\n', 1)
        if wanted is None:
            expect(value, status(h), 416)
            expect(value, b'Content-Range: bytes */%d' % n in h, True)
        elif wanted == 'all':
            expect(value, status(h), 200)
            expect(value, body == content, True)
        else:
            expect(value, status(h), 206)
            expect(value, b'Content-Range: bytes %d-%d/%d' %
                   (wanted[0], wanted[1] - 1, n) in h, True)
            expect(value, body == content[wanted[0]:wanted[1]], True)


def pipeline(path):
    with open(path, 'rb') as f:
        content = f.read()
    one = get('/' + os.path.basename(path), close=False)
    got = ask(one * 9 + get('/' + os.path.basename(path)))
    for _ in range(10):
        h, got = got.split(b'\r\n\r\n', 1)
        expect('status', status(h), 200)
        expect('content', got[:len(content)] == content, True)
        got = got[len(content):]
    expect('what follows', got, b'')


def slowly():
    """Byte by byte, forty at a time, while others are served."""
    began = time.time()
    slow = [connect() for _ in range(40)]
    raw = get('/f513', 'X: ' + 'x' * 8000)
    for n in range(60):
        for s in list(slow):
            try:
                s.send(raw[n:n + 1])
                s.setblocking(False)
                if not s.recv(1000):
                    slow.remove(s)
            except BlockingIOError:
                pass
            except OSError:
                slow.remove(s)
        then = time.time()
        expect('another one', status(ask(get('/f513'))), 200)
        expect('in time', time.time() - then < 2, True)
        if not slow:
            return
        time.sleep(.3)
    raise AssertionError('%d slow ones still there after %d s' %
                         (len(slow), time.time() - began))


def megabyte():
    for raw in (b'GET /f513 HTTP/1.1\r\nHost: a\r\nX: ' + b'x' * 1000000,
                b'GET /' + b'x' * 1000000,
                b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 170000,
                b'\r\n' * 500000, b'\0' * 1000000,
                get('/f513', 'X: ' + 'x' * 8200)):
        expect(raw[:30], status(ask(raw)), 0, 400, 414, 431)
    expect('the next', status(ask(get('/f513'))), 200)
    expect('just below', status(ask(get('/f513', 'X: ' + 'x' * 8000))), 200)


def gone(name):
    s = connect(4096)
    s.sendall(get('/' + name))
    s.recv(1000)
    s.close()


def flood(name):
    """Sends for ever, and does not read."""
    s = connect(4096)
    s.sendall(get('/' + name))
    s.settimeout(1)
    try:
        for _ in range(2000):
            s.sendall(get('/f1', close=False) * 500)
    except OSError:
        return
    raise AssertionError('it takes everything')


def others():
    """Every other method, known or not, gets 405, and what is allowed."""
    for word in ('POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT',
                 'PATCH', 'PROPFIND', 'FOO', 'get', 'GETS', 'x-!#$%'):
        for target in ('/f1', '*', 'boot:80'):
            got = ask(('%s %s HTTP/1.1\r\nHost: boot\r\n\r\n' %
                       (word, target)).encode())
            expect(word, status(got), 405)
            expect(word, b'\r\nAllow: GET, HEAD\r\n' in got, True)
            expect(word, b'\r\nConnection: close\r\n' in got, True)


def upload():
    """One that sends all of its body first still gets the answer."""
    body = b'x' * 500000
    s = connect()
    s.sendall(b'PUT /f1 HTTP/1.1\r\nHost: boot\r\n'
              b'Content-Length: %d\r\n\r\n' % len(body) + body)
    expect('PUT', status(all_of(s)), 405)


def old():
    """HTTP/1.0: no Host, closed after it, kept if that is asked for."""
    got = ask(b'GET /f513 HTTP/1.0\r\n\r\n' + NEXT)
    expect('1.0', status(got), 200)
    expect('then closed', got.count(b'HTTP/1.1 '), 1)
    got = ask(b'GET /f513 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
              b'GET /f513 HTTP/1.0\r\n\r\n')
    expect('1.0, kept', got.count(b'HTTP/1.1 200 '), 2)
    expect('and told', b'\r\nConnection: keep-alive\r\n' in got, True)
    got = ask(b'HEAD /f513 HTTP/1.0\r\n\r\n')
    expect('HEAD', got.endswith(b'\r\n\r\n'), True)
    expect('its length', length(got), 513)
    expect('Expect', status(ask(get('/f513', 'Expect: 100-continue'))), 200)
    expect('Expect', status(ask(get('/f513', 'Expect: gold'))), 417)


def rate(n):
    """So many requests at once are answered, then no more; then again."""
    s = connect()
    got = 0
    for _ in range(3 * int(n)):
        s.sendall(get('/f1', close=False))
        h, body = head(s)
        if status(h) != 200:
            break
        got += 1
    expect('too many', status(h), 429)
    expect('answered before', int(n) <= got < 2 * int(n), True)
    time.sleep(1.5)
    expect('after a while', status(ask(get('/f1'))), 200)


def anew(n):
    """The same with a connection for each: over all workers."""
    got = 0
    for _ in range(3 * int(n)):
        h = ask(get('/f1'))
        if status(h) != 200:
            break
        got += 1
    expect('too many', status(h), 429)
    expect('answered before', int(n) <= got < 2 * int(n), True)


def both(pids):
    """How many connections each of these processes has."""
    return [sum(os.readlink('/proc/%s/fd/%s' % (p, fd)).startswith('socket')
                for fd in os.listdir('/proc/%s/fd' % p)) for p in pids]


def workers(*pids):
    """Connections in all of them; then the first is killed."""
    none, there = both(pids), []
    while min(b - a for a, b in zip(none, both(pids))) < 3:
        there.append(connect())
        expect('so many, and not in all', len(there) < 2000, True)
        there[-1].sendall(get('/f1', close=False))
        expect('status', status(head(there[-1])[0]), 200)
    os.kill(int(pids[0]), 9)
    alive = 0
    for s in there:
        try:
            s.sendall(get('/f1', close=False))
            expect('status', status(head(s)[0]), 200)
            alive += 1
        except (AssertionError, OSError):
            pass
    expect('some went on, some not', 3 <= alive <= len(there) - 3, True)
    for _ in range(20):
        expect('a new one', status(ask(get('/f1'))), 200)


def waiting(*pids):
    """Who waits when all of them die is served by the next ones."""
    for p in pids:
        os.kill(int(p), signal.SIGSTOP)
    there = [connect() for _ in range(20)]
    for s in there:
        s.sendall(get('/f513', close=True))
    for p in pids:
        os.kill(int(p), signal.SIGKILL)
    for s in there:
        expect('status', status(all_of(s)), 200)


def most(n):
    """No more connections at once than n, and yet all get their turn."""
    n = int(n)
    there = [connect() for _ in range(3 * n)]
    total = len(there)
    for s in there:
        s.sendall(get('/f1', close=False))
    answered, at_once = 0, None
    while answered < total:
        ready = select.select(there, [], [], 10)[0]
        expect('answered, then nothing', len(ready) > 0 or answered, True)
        for s in ready:
            part = s.recv(65536)
            if part:
                expect('status', status(part), 200)
                answered += 1
            else:               # it had to make room
                at_once = answered if at_once is None else at_once
                there.remove(s)
    expect('at once', at_once, n)


def thousand(path):
    """A thousand connections at once, each with two requests."""
    with open(path, 'rb') as f:
        content = f.read()
    one = get('/' + os.path.basename(path), close=False)
    all_there = [connect() for _ in range(1000)]
    for _ in range(2):
        for s in all_there:
            s.sendall(one)
        for s in all_there:
            h, body = head(s)
            expect('status', status(h), 200)
            while len(body) < len(content):
                body += s.recv(65536)
            expect('content', body == content, True)


def silent(name):
    """Reads nothing: has to be given up, but not at once."""
    s = connect(4096)
    s.sendall(get('/' + name))
    began = time.time()
    while time.time() - began < 60:
        time.sleep(.5)
        try:
            s.send(b'x')
        except OSError:
            expect('not at once', time.time() - began > 15, True)
            return
    raise AssertionError('still there after a minute')


def trickle(name):
    """Reads, but never enough: has to be given up, too."""
    s = connect(4096)
    s.sendall(get('/' + name))
    began = time.time()
    try:
        while time.time() - began < 55:
            time.sleep(.1)
            s.recv(64)
            s.send(b'x')
    except OSError:
        pass
    expect('in time', 15 < time.time() - began < 55, True)


def idle():
    """A second request is welcome, though not for ever."""
    s = connect()
    s.sendall(get('/f513', close=False))
    h, body = head(s)
    while len(body) < length(h):
        body += s.recv(65536)
    s.settimeout(45)
    began = time.time()
    expect('the end', s.recv(1), b'')
    expect('after a while', 20 < time.time() - began < 40, True)


def changed(path, how):
    """The file is cut, or written to, on its way."""
    s = connect(65536)
    s.sendall(get('/' + os.path.basename(path)))
    h, body = head(s)
    with open(path, 'r+b') as f:
        if how == 'cut':
            f.truncate(100000)
        else:
            f.seek(0)
            f.write(b'new')
    wanted, got = length(h), len(body) + len(all_of(s))
    expect('the whole of it', got < wanted, True)


def crowd(n):
    """More idle ones than there is room for: the next is served."""
    crowd_of = []
    for _ in range(int(n)):
        try:
            crowd_of.append(connect())
            crowd_of[-1].sendall(get('/f1', close=False))
        except OSError:
            break
    began = time.time()
    expect('the next', status(ask(get('/f513'))), 200)
    expect('in time', time.time() - began < 15, True)


def share(name, n, other):
    """One address has so many at once, and no more; another its own."""
    n = int(n)
    busy = [connect(buffer=4096) for _ in range(n)]
    for s in busy:
        s.sendall(get(name))
        head(s)
    # Before it asks for anything, and to the end: no reset.
    s = connect()
    got = b''
    while True:
        part = s.recv(65536)
        if not part:
            break
        got += part
    expect('one more', status(got), 503)
    for field in (b'Retry-After: 1', b'Connection: close'):
        expect(field, field in got, True)
    expect('its length', len(got.split(b'\r\n\r\n', 1)[1]), length(got))
    # Many more: each ends at once, answered or not.
    began = time.time()
    crowd_of = [connect() for _ in range(200)]
    for s in crowd_of:
        expect('of many more', status(all_of(s)), 503, 0)
    expect('in time', time.time() - began < 15, True)
    s = socket.create_connection((host, port), 20, (other, 0))
    s.sendall(get('/f513'))
    expect('another address', status(all_of(s)), 200)
    busy.pop().close()
    until('when one is over', 200)
    for s in busy:
        s.close()
    # Those that have waited for a while make room for what comes.
    idle_of = []
    end = time.time() + 15
    while len(idle_of) < n:
        expect('all are idle, in time', time.time() < end, True)
        s = connect()
        s.sendall(get('/f513', close=False))
        if status(head(s)[0]) == 200:
            idle_of.append(s)
    for i in range(n):
        until('in place of one that waits', 200)
    all_of(idle_of[0])      # the oldest one was ended


def until(what, wanted):
    end = time.time() + 15
    while status(ask(get('/f513'))) != wanted:
        expect(what + ', in time', time.time() < end, True)
        time.sleep(0.05)


try:
    globals()[sys.argv[1]](*sys.argv[4:])
except (AssertionError, OSError) as e:
    sys.exit('%s: %s' % (sys.argv[1], str(e)[:500]))
