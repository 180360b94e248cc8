# chain.sh: the boot server as README's quick start sets it up, for one
# machine, pxe-test.  Source it after machine.sh.
#
#   chain_install		the programs in /usr/local, an inetd with
#				README's lines, the switch and its tap
#   chain_register		README's pxectl commands
#   chain_layers		files for rsync/common and rsync/pxe-test; the
#				machine says chain_word when it has run them
#   chain_events [--follow]	one line an event, with --follow as they happen:
#				PROGRAM STAGE HOST IDENTITY ADDRESS BYTES DETAIL
#   chain_stage STAGE		has there been such an event?
#   chain_sorry			what one wants to see when it went wrong
#
# All of it happens in the script's own namespaces; nobody else's /usr/local,
# /etc or network is touched.

chain_word='pxe-test is up: this line is from its own rc.local, by rsync'
chain_limit=${BOOT_LIMIT:-120}
[ -z "${SANITIZE-}" ] || chain_limit=$((chain_limit * 2))

# README's lines, so that they cannot drift apart: those of the code blocks
# below the heading `Quick start'.
chain_readme()
{
	awk '
	/^#+ /		{ if (!code) in_it = tolower($0) ~ /quick start/ }
	/^```/		{ code = !code; next }
	in_it && code	{ sub(/^[#$] /, ""); print }
	' "$TOP/README.md"
}

chain_install()
{
	usr_local || {
		cat "$(out install)" >&2
		return 1
	}
	machine_network || return 1
	chain_readme | grep -E '[[:space:]](dgram|stream)[[:space:]]' \
	    >"$TMP/inetd.lines"
	[ -s "$TMP/inetd.lines" ] || {
		echo 'README.md: no inetd.conf lines below Quick start' >&2
		return 1
	}
	inetd_start - "$(cat "$TMP/inetd.lines")"
	wait_for 5 listening - udp 67 && wait_for 5 listening - udp 69 &&
	    wait_for 5 listening - tcp 873 || {
		echo 'inetd does not listen:' >&2
		cat "$(out inetd)" >&2
		return 1
	}
}

# The kernel is that of the package which tests/deps unpacked: that word alone
# differs from what a person types.
chain_register()
{
	chain_readme | sed -n '/^pxectl /p' | sed '/^pxectl build-image/ {
		s/ --kernel[= ][^ ]*//
		s|build-image|& --kernel '"$DEPS"'|
	}' >"$TMP/commands"
	[ -s "$TMP/commands" ] || {
		echo 'README.md: no pxectl commands below Quick start' >&2
		return 1
	}
	while read -r chain_line; do
		echo "	$chain_line"
		sh -c "$chain_line" </dev/null || {
			echo "failed: $chain_line" >&2
			return 1
		}
	done <"$TMP/commands"
}

# The later layer's file wins: the first one's rc.local must not be seen.
chain_layers()
{
	chain_rsync=/usr/local/pxe/rsync
	mkdir -p "$chain_rsync/common/etc/rc.d" \
	    "$chain_rsync/pxe-test/etc/rc.d" || return 1
	chain_script common/etc/rc.d/rc.inet1 'echo "rc.inet1 of common"'
	chain_script common/etc/rc.d/rc.inet2 'echo "rc.inet2 of common"'
	chain_script common/etc/rc.d/rc.local 'echo "rc.local of common"'
	chain_script pxe-test/etc/rc.d/rc.local \
	    'echo "host name: $(hostname)"' "echo '$chain_word'"
}

chain_script()
{
	chain_file=$chain_rsync/$1
	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$chain_file" &&
	    chmod 755 "$chain_file"
}

chain_events()
{
	pxectl events "$@" |
	    while read -r _ chain_event; do
		echo "$chain_event"
	    done
}

chain_sorry()
{
	echo '--- the last lines of its console:'
	machine_console 25
	[ ! -s "$(out machine)" ] || {
		echo '--- QEMU says:'
		tail -n 5 "$(out machine)"
	}
	echo '--- inetd says:'
	tail -n 10 "$(out inetd)"
	echo '--- pxectl why pxe-test:'
	bound 10 pxectl why pxe-test
}

# The whole of a boot test: README's set-up, further commands, the boot, and
# what is to be seen of it afterwards.
chain_test()
{
	chain_mode=$1
	shift
	if chain_line=$(machine_lacks); then
		case $(uname -m) in
		x86_64)	not_ok set-up "no $chain_line (make deps)" ;;
		*)	skip set-up "no $chain_line on this kind of machine" ;;
		esac
		return
	fi
	chain_install || { not_ok 'set-up' 'see above'; return; }
	check 'commands of README' chain_register || return
	chain_layers
	for chain_line in "$@"; do
		check "$chain_line" sh -c "$chain_line" || return
	done
	chain_stranger
	machine_start "$chain_mode"
	machine_says "$chain_limit" "$chain_word"
	case $? in
	0)	ok 'its own rc.local ran' ;;
	1)	not_ok 'its own rc.local ran' "not within $chain_limit s" ;;
	2)	not_ok 'its own rc.local ran' 'the machine went off before' ;;
	esac
	wait_for 5 chain_stage up
	machine_off
	[ "$test_failed" -eq 0 ] || { chain_sorry; return; }

	machine_console >"$TMP/console.txt"
	check 'the host name came by DHCP' \
	    grep -qx 'host name: pxe-test' "$TMP/console.txt"
	check 'rc.inet1 of the first layer ran' \
	    grep -qx 'rc.inet1 of common' "$TMP/console.txt"
	refute "the later layer's rc.local won" \
	    grep -qx 'rc.local of common' "$TMP/console.txt"
	for chain_seen in asked address loader config kernel initrd lease \
	    files up; do
		check "event: $chain_seen" chain_stage "$chain_seen" ||
		    chain_events
	done
}

# A machine nobody registered is noticed, and gets no answer.
chain_stranger()
{
	chain_mac=00:02:b3:00:00:01
	machine_start bios "$chain_mac"
	check 'a stranger is noticed' wait_for 20 chain_unknown
	machine_off
	refute 'a stranger gets no address' chain_stage address
}

chain_unknown()
{
	pxectl unknown | grep -q "$chain_mac"
}

chain_stage()
{
	chain_events | awk -v stage="$1" '
		$2 == stage { found = 1 }
		END { exit !found }'
}
