# private.sh: a machine of its own for a script (POSIX sh).  Source it first;
# tests source test.sh, which sources this.
#
# Sourcing it starts the script again inside network, mount, pid, uts and ipc
# namespaces of its own.  So nothing the script does can touch the machine:
#   - no interface but lo; namespaces made with netns_make live in here too;
#   - /run and /var/lib/dhcp are empty, /etc is a copy, the host name is ours;
#   - every process ends and every file below $TMP goes when the script ends,
#     even if it is killed with SIGKILL.
# That needs root; private_refused (redefine it after sourcing this file with
# PRIVATE_LATER=1, then call private_enter "$@") says so.
#
# Variables: TOP (the checkout), TMP (a directory of the script's own, in
# memory), BOOTPD TFTPD RSYNC_SHIM PXECTL (the programs just built).  PATH
# includes what tests/deps unpacked rather than installed.
#
# Waiting: always for an event, always bounded (seconds, fractions allowed).
#   wait_for SECONDS COMMAND...	until the command succeeds; fails in time
#   bound SECONDS COMMAND...	run it, ended after that time (status 124)
#   now_ms			milliseconds, for differences
#
# Processes: output goes to the file `out NAME` names.
#   start NAME COMMAND...  |  start_in NS NAME COMMAND...
#   pid_of NAME  |  running NAME  |  stop NAME [SIGNAL]  |  out NAME
#   inetd_start NS LINE...	openbsd-inetd in NS with these inetd.conf lines
#   usr_local			/usr/local of this script alone, with what
#				`make install` puts there, and no /usr/local/pxe
#
# Networks: NS is a name given to netns_make, or - for the script's own.
# Addresses as 192.0.2.2/24, or - for none.
#   netns_make NS...		with lo up
#   netns_veth NS IF ADDR NS2 IF2 [ADDR2]	a wire between the two
#   netns_bridge NS BR ADDR	a switch in NS
#   netns_port NS BR NS2 IF2 [ADDR2]		a wire from that switch to NS2
#   netns_tap NS BR TAP		a tap on that switch, for a virtual machine
#   in_ns NS COMMAND...
#   listening NS udp|tcp PORT	is a socket bound to it?
#
# at_exit 'COMMAND' adds to what is done when the script ends.

TOP=${TOP:-$(cd "$(dirname "$0")" && until [ -d tests/lib ]; do
	cd .. || exit; [ "$PWD" != / ] || exit; done; pwd)}
DEPS=${DEPS:-$TOP/build/deps/root}
BOOTPD=${BOOTPD:-$TOP/bootpd/bootpd}
TFTPD=${TFTPD:-$TOP/tftpd/tftpd}
RSYNC_SHIM=${RSYNC_SHIM:-$TOP/rsync-shim/rsync-shim}
PXECTL=${PXECTL:-$TOP/pxectl/pxectl}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:$DEPS/usr/bin:$DEPS/usr/sbin
PATH=$PATH:$DEPS/bin:$DEPS/sbin
export TOP DEPS BOOTPD TFTPD RSYNC_SHIM PXECTL PATH
export LC_ALL=C
private_at_exit='' private_ports=0

wait_for()
{
	private_until=$(($(now_ms) + $(private_ms "$1")))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt "$private_until" ] || return 1
		sleep 0.05
	done
}

private_ms()
{
	echo "$1" | awk '{ printf "%d\n", $1 * 1000 }'
}

now_ms()
{
	read -r private_up _ </proc/uptime
	echo "${private_up%.*}${private_up#*.}0" | sed 's/^0*\(.\)/\1/'
}

bound()
{
	private_bound=$1
	shift
	timeout -k 2 "$private_bound" "$@"
}

out()
{
	echo "$TMP/out.$1"
}

start()
{
	private_name=$1
	shift
	"$@" >"$(out "$private_name")" 2>&1 </dev/null &
	echo $! >"$TMP/pid.$private_name"
}

start_in()
{
	private_ns=$1 private_name=$2
	shift 2
	if [ "$private_ns" = - ]; then
		start "$private_name" "$@"
	else
		start "$private_name" ip netns exec "$private_ns" "$@"
	fi
}

pid_of()
{
	cat "$TMP/pid.$1"
}

running()
{
	! private_gone "$(pid_of "$1")"
}

# Ends a process of ours: asked first, and after three seconds made to.
stop()
{
	private_pid=$(pid_of "$1") || return 1
	kill "-${2:-TERM}" "$private_pid" 2>/dev/null || true
	wait_for 3 private_gone "$private_pid" || kill -KILL "$private_pid"
	rm -f "$TMP/pid.$1"
	wait "$private_pid" 2>/dev/null
}

# Gone, or dead and only waiting for us to ask.
private_gone()
{
	! grep -q '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

netns_make()
{
	for private_ns in "$@"; do
		ip netns add "$private_ns" &&
		    ip -n "$private_ns" link set lo up || return 1
	done
}

in_ns()
{
	private_ns=$1
	shift
	if [ "$private_ns" = - ]; then
		"$@"
	else
		ip netns exec "$private_ns" "$@"
	fi
}

# IPv6 off: its own chatter would only disturb what a test counts.
private_up()
{
	in_ns "$1" sh -c "
		[ ! -d /proc/sys/net/ipv6/conf/$2 ] ||
		    echo 1 >/proc/sys/net/ipv6/conf/$2/disable_ipv6" &&
	    { [ "${3:--}" = - ] || in_ns "$1" ip addr add "$3" dev "$2"; } &&
	    in_ns "$1" ip link set "$2" up
}

netns_veth()
{
	private_a='' private_b=''
	[ "$1" = - ] || private_a="netns $1"
	[ "$4" = - ] || private_b="netns $4"
	ip link add "$2" $private_a type veth peer name "$5" $private_b &&
	    private_up "$1" "$2" "$3" && private_up "$4" "$5" "${6:--}"
}

netns_bridge()
{
	in_ns "$1" ip link add "$2" type bridge && private_up "$1" "$2" "$3"
}

netns_port()
{
	private_ports=$((private_ports + 1))
	netns_veth "$1" "port$private_ports" - "$3" "$4" "${5:--}" &&
	    in_ns "$1" ip link set "port$private_ports" master "$2"
}

netns_tap()
{
	in_ns "$1" ip tuntap add "$3" mode tap &&
	    in_ns "$1" ip link set "$3" master "$2" &&
	    private_up "$1" "$3" -
}

listening()
{
	in_ns "$1" cat "/proc/net/$2" "/proc/net/${2}6" 2>/dev/null |
	    grep -q ":$(printf %04X "$3") [0:]*:0000 0[7A] "
}

inetd_start()
{
	private_ns=$1
	shift
	printf '%s\n' "$@" >"$TMP/inetd.conf"
	start_in "$private_ns" inetd "$DEPS/usr/sbin/inetd" -d -i \
	    "$TMP/inetd.conf"
}

# What the machine has elsewhere below /usr/local stays in sight: a shell, a
# library, this very checkout.
# -o all: what was built is installed, and never built again by two tests at
# once or with other flags.
usr_local()
{
	mkdir "$TMP/usr.local" "$TMP/usr.local.was" &&
	    mount --bind /usr/local "$TMP/usr.local.was" &&
	    mount --bind "$TMP/usr.local" /usr/local || return 1
	for private_dir in "$TMP"/usr.local.was/*/; do
		private_dir=$(basename "$private_dir")
		case $private_dir in libexec|pxe|sbin|share) continue ;; esac
		mkdir "/usr/local/$private_dir" &&
		    mount --bind "$TMP/usr.local.was/$private_dir" \
			"/usr/local/$private_dir" || return 1
	done
	make -s -o all -C "$TOP" install DESTDIR= PREFIX=/usr/local \
	    MANDIR=/usr/local/share/man >"$(out install)" 2>&1
}

at_exit()
{
	private_at_exit="$private_at_exit
$1"
}

# Redefined by those who have more to say.
private_refused()
{
	echo "$0: needs root" >&2
	exit 77
}

private_ended()
{
	:
}

private_end()
{
	private_status=$?
	trap '' INT TERM HUP
	private_ended
	eval "$private_at_exit"
	for private_file in "$TMP"/pid.*; do
		[ ! -f "$private_file" ] || stop "${private_file##*/pid.}"
	done
	exit "$private_status"
}

# Outside: start the script again in namespaces of its own, and see to it that
# whatever ends this process ends everything in there.
private_outside()
{
	export PRIVATE_INSIDE=1
	setpriv --pdeathsig KILL unshare --net --mount --pid --uts --ipc \
	    --fork --kill-child --mount-proc sh "$0" "$@" <&0 &
	private_pid=$!
	trap 'kill -KILL $private_pid; echo; exit 130' INT
	trap 'kill -KILL $private_pid; exit 143' TERM HUP
	wait $private_pid
	exit
}

# Inside: a machine of our own as far as a script can see.
private_settle()
{
	mkdir -p /run && mount -t tmpfs -o mode=755 tmpfs /run &&
	    mkdir /run/lock /run/netns /run/private &&
	    cp -a /etc /run/etc && mount --bind /run/etc /etc || return 1
	for private_dir in /var/lib/dhcp /var/lib/dhcpcd; do
		[ ! -d $private_dir ] || mount -t tmpfs tmpfs $private_dir ||
		    return 1
	done
	hostname bootserver-test && ip link set lo up || return 1
	echo 127.0.1.1 bootserver-test >>/etc/hosts
	TMP=/run/private
}

private_enter()
{
	if [ -n "${PRIVATE_INSIDE-}" ]; then
		unset PRIVATE_INSIDE
		private_settle || exit 71
	elif [ "$(id -u)" -eq 0 ]; then
		private_outside "$@"
	else
		private_refused
	fi
	export TMP
	trap private_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

[ -n "${PRIVATE_LATER-}" ] || private_enter "$@"
