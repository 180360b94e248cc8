#!/bin/sh
# tftpd under a real inetd, started by the very line of the manual: real TFTP
# clients, one that misbehaves, and what is told of them.
. "$(dirname "$0")/../lib/test.sh"
need ip inetd tftp atftp curl busybox python3

ROOT=/usr/local/pxe TREE=/usr/local/pxe/tftpboot
LINE='tftp dgram udp wait root /usr/local/libexec/tftpd tftpd -l -s /usr/local/pxe/tftpboot'

# Random bytes would differ in no test that zeros do not, but they show it.
make_file()
{
	head -c "$1" /dev/urandom >"$TREE/f$1"
}

make_tree()
{
	for size in 0 1 511 512 513 1427 1428 1429 14280 528000 34603008; do
		make_file $size
	done
	awk 'BEGIN { for (i = 0; i < 4000; i++) print "line", i }' >"$TREE/text"
	mkdir -p "$TREE/boot" "$TREE/hosts/web" "$TREE/hosts/other"
	echo 'for web alone' >"$TREE/hosts/web/own"
	echo 'for all' >"$TREE/own"
	echo x >"$TREE/hosts/other/file"
	echo kernel >"$TREE/vmlinuz"
	gzip -c "$TREE/text" >"$TREE/initrd.gz"
	ln -s /etc/passwd "$TREE/etc-link"
	ln -s ../db/events "$TREE/up-link"
	ln -s ../f513 "$TREE/boot/down-link"
	mkfifo "$TREE/fifo"
	mknod "$TREE/device" c 1 5
	echo secret >"$TREE/secret"
	chmod 600 "$TREE/secret"
	head -c 1000000 /dev/urandom >"$TREE/cut"
}

set_up()
{
	usr_local && export PXE_ROOT=$ROOT &&
	    "$PXECTL" init </dev/null &&
	    mkdir -p "$TREE" && make_tree &&
	    { "$PXECTL" show 192.0.2.0/24 || "$PXECTL" add-subnet \
		192.0.2.0/24 next-server=192.0.2.2; } &&
	    "$PXECTL" add-host 00:02:b3:4c:ed:c8 web address=192.0.2.10 \
		kernel=vmlinuz initrd=initrd.gz 'cmdline=console=ttyS0 quiet' &&
	    "$PXECTL" add-host 00:02:b3:4c:ed:c9 other address=192.0.2.11 &&
	    netns_make srv cli &&
	    netns_veth srv eth0 192.0.2.2/24 cli eth0 192.0.2.10/24 &&
	    ip -n srv addr add 192.0.2.3/24 dev eth0
}

cli()
{
	bound 60 ip netns exec cli "$@"
}

srv()
{
	bound 60 ip netns exec srv "$@"
}

# From a directory of its own, for the clients that write where they are.
get()
{
	rm -f "$TMP/got"
	case $1 in
	tftp-hpa)	cli tftp -m binary 192.0.2.2 -c get "$2" "$TMP/got" ;;
	tftp-ascii)	cli tftp -m ascii 192.0.2.2 -c get "$2" "$TMP/got" ;;
	atftp)		cli atftp -g -r "$2" -l "$TMP/got" 192.0.2.2 ;;
	atftp-1428)	cli atftp --option 'blksize 1428' -g -r "$2" \
			    -l "$TMP/got" 192.0.2.2 ;;
	atftp-window)	cli atftp --option 'blksize 1428' \
			    --option 'windowsize 16' -g -r "$2" \
			    -l "$TMP/got" 192.0.2.2 ;;
	atftp-8192)	cli atftp --option 'blksize 8192' \
			    --option 'windowsize 8' -g -r "$2" \
			    -l "$TMP/got" 192.0.2.2 ;;
	atftp-timeout)	cli atftp --option 'timeout 2' --option 'tsize 0' \
			    -g -r "$2" -l "$TMP/got" 192.0.2.2 ;;
	curl)		cli curl -sSo "$TMP/got" "tftp://192.0.2.2/$2" ;;
	curl-1428)	cli curl -sSo "$TMP/got" --tftp-blksize 1428 \
			    "tftp://192.0.2.2/$2" ;;
	curl-8192)	cli curl -sSo "$TMP/got" --tftp-blksize 8192 \
			    "tftp://192.0.2.2/$2" ;;
	curl-plain)	cli curl -sSo "$TMP/got" --tftp-no-options \
			    "tftp://192.0.2.2/$2" ;;
	busybox)	cli busybox tftp -g -r "$2" -l "$TMP/got" 192.0.2.2 ;;
	busybox-1428)	cli busybox tftp -b 1428 -g -r "$2" -l "$TMP/got" \
			    192.0.2.2 ;;
	esac
}

arrives()
{
	get "$1" "$2" && cmp "$TMP/got" "${3:-$TREE/$2}"
}

# A text that we expect, of what was got last.
got_has()
{
	grep -qF -- "$1" "$TMP/got"
}

all_sizes()
{
	for size in 0 1 511 512 513 1427 1428 1429 14280; do
		arrives "$1" f$size || {
			echo "size $size"
			return 1
		}
	done
}

peer()
{
	peer_case=$1
	shift
	cli python3 "$TOP/tests/clients/tftp_peer.py" "$peer_case" \
	    "${peer_host:-192.0.2.2}" "${peer_port:-69}" "$@"
}

events()
{
	"$PXECTL" events 2>/dev/null | grep tftpd
}

check 'a tree, a database, two namespaces' set_up
[ "$test_failed" -eq 0 ] || finish
check 'inetd starts' inetd_start srv "$LINE"
wait_for 5 listening srv udp 69

for client in tftp-hpa atftp atftp-1428 atftp-window atftp-8192 \
    atftp-timeout curl \
    curl-1428 curl-8192 curl-plain busybox busybox-1428; do
	check "$client: files of 0 to 14280 bytes" all_sizes $client
done
for client in tftp-hpa atftp curl busybox; do
	check "$client: 33 MB at 512, past block 65535" \
	    arrives $client f34603008
done
check 'atftp: 33 MB with a window of 16' arrives atftp-window f34603008
check 'atftp: 33 MB in blocks above the MTU, with a window of 8' \
    arrives atftp-8192 f34603008
check 'netascii comes back as it was' arrives tftp-ascii text
check 'a name with a slash in front' arrives tftp-hpa /f513 "$TREE/f513"
check 'a name with the tree in front' \
    arrives tftp-hpa "$TREE/f513" "$TREE/f513"
check 'a link inside the tree' arrives tftp-hpa boot/down-link "$TREE/f513"
equal 'one tftpd serves all of them' 1 "$(pgrep -cx tftpd)"
equal 'it runs as nobody' nobody \
    "$(ps -o user= -C tftpd | sort -u | tr -d ' ')"
equal 'it is chrooted into the tree' "$TREE" \
    "$(readlink "/proc/$(pgrep -x tftpd)/root")"

check 'pxelinux.cfg/01-MAC' get curl pxelinux.cfg/01-00-02-b3-4c-ed-c8
check 'it has the kernel' got_has 'LINUX ::vmlinuz'
check 'and the ramdisk and the command line' \
    got_has 'APPEND initrd=::initrd.gz console=ttyS0 quiet'
check 'pxelinux.cfg/default' get busybox pxelinux.cfg/default
check 'it is that of the host which asks' got_has '# web'
check 'grub.cfg' get atftp boot/grub/grub.cfg
check 'it loads from here' got_has "'(tftp,192.0.2.2)/vmlinuz'"
check 'autoexec.ipxe' get tftp-hpa autoexec.ipxe
check 'it boots' got_has 'kernel tftp://192.0.2.2/vmlinuz'
check 'ADDRESS/kernel' arrives curl 192.0.2.10/kernel "$TREE/vmlinuz"
check 'ADDRESS/initrd.gz' arrives curl 192.0.2.10/initrd.gz "$TREE/initrd.gz"
refute 'no kernel.gz where it is none' get curl 192.0.2.10/kernel.gz
check "the host's own directory comes first" \
    arrives curl own "$TREE/hosts/web/own"

for test in names packets options size_only asked_twice stranger sorcerer \
    lost_ack window silent; do
	check "a client that misbehaves: $test" peer $test
done
check 'block numbers after 65535' peer rollover "$TREE/f528000"
check 'a file that is cut on the way' peer truncated "$TREE/cut"
peer_host=192.0.2.3
check 'the address that was asked answers' peer whole "$TREE/f14280" f14280
peer_host=
equal 'it is still the same one' 1 "$(pgrep -cx tftpd)"

check 'a boot in the events: config' sh -c \
    '"$PXECTL" events | grep tftpd | grep web | grep -q config'
check 'a boot in the events: kernel' sh -c \
    '"$PXECTL" events | grep tftpd | grep web | grep -q kernel'
check 'a boot in the events: initrd' sh -c \
    '"$PXECTL" events | grep tftpd | grep web | grep -q initrd'

# Stand-alone, for registered hosts only, from another terminal so to say.
check 'a second one, stand-alone' start_in srv alone "$TFTPD" -l -d \
    --known-only --listen 192.0.2.2:6969 -s "$TREE"
wait_for 5 listening srv udp 6969
peer_port=6969
check 'a registered host is served' peer whole "$TREE/f513" f513
ip -n cli addr del 192.0.2.10/24 dev eth0
ip -n cli addr add 192.0.2.77/24 dev eth0
refute 'another one is not' peer whole "$TREE/f513" f513
check 'its log says who asked for what' grep -q \
    '192.0.2.10 (web): read request for f513: success, 513 bytes' \
    "$(out alone)"
check 'and who was refused' grep -q \
    '192.0.2.77: read request for f513: not a registered host' "$(out alone)"
check 'it ends when told to' stop alone

# IPv6, which the two namespaces have on lo alone; and five in a hundred
# packets lost in each direction, by nftables.
check 'one for IPv6' start_in srv six "$TFTPD" -l --listen '[::1]:6969' \
    -s "$TREE"
wait_for 5 listening srv udp 6969
check 'curl by IPv6' srv curl -sSo "$TMP/got" \
    --tftp-blksize 1428 "tftp://[::1]:6969/f528000"
check 'arrives whole' cmp "$TMP/got" "$TREE/f528000"
check 'misbehaving by IPv6: windows' srv python3 \
    "$TOP/tests/clients/tftp_peer.py" window ::1 6969
stop six
# A drop on the way out would be an error to the sender.
lossy()
{
	for lossy_ns in srv cli; do
		in_ns $lossy_ns nft -f - <<-END || return 1
		table inet loss {
			chain in {
				type filter hook input priority 0
				iif eth0 udp dport != 69 \
				    numgen random mod 100 < 5 drop
			}
		}
		END
	done
}
if command -v nft >/dev/null && lossy 2>/dev/null; then
	for client in tftp-hpa atftp-window; do
		check "$client: one packet in twenty lost (nftables)" \
		    arrives $client f528000
	done
	in_ns cli nft delete table inet loss
	in_ns srv nft delete table inet loss
else
	skip 'packets lost on the way' 'no nftables here'
fi

status 'no socket: a usage error' 64 "$TFTPD" -s "$TREE" </dev/null
status 'no database: EX_NOINPUT' 66 "$TFTPD" --listen 127.0.0.1:7070 \
    --root "$TMP/nothing" -s "$TREE"
status 'an option that is none: EX_USAGE' 64 "$TFTPD" --nonsense
check '--help' "$TFTPD" --help
check '--version' "$TFTPD" --version
finish
