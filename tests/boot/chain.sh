# chain.sh: the boot server as README's quick start sets it up, for one
# machine, pxe-test.  Source it after machine.sh.
#
#   chain_install		the programs in /usr/local, an inetd with
#				README's lines, the switch and its tap
#   chain_register		README's pxectl commands
#   chain_layers		files for rsync/common and rsync/pxe-test; the
#				machine says chain_word when it has run them
#   chain_story			its stages and files so far, a line each, from
#				the events; failures and doubles left out
#   chain_sorry			what one wants to see when it went wrong
#   chain_test bios|uefi|uefi-http [COMMAND...]	the whole of a boot test;
#				with chain_http=yes by HTTP alone: there is no
#				TFTP then
#
# All of it happens in the script's own namespaces; nobody else's /usr/local,
# /etc or network is touched.

chain_word='pxe-test is up: this line is from its own rc.local, by rsync'
chain_limit=${BOOT_LIMIT:-180} chain_http=no
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
	chain_port='udp 69'
	[ "$chain_http" = no ] || chain_by_http
	inetd_start - "$(cat "$TMP/inetd.lines")"
	wait_for 5 listening - udp 67 &&
	    wait_for 5 listening - $chain_port &&
	    wait_for 5 listening - tcp 873 || {
		echo 'inetd does not listen:' >&2
		cat "$(out inetd)" >&2
		return 1
	}
}

# The line of tftpd(8) for HTTP takes the place of the one for TFTP.
chain_by_http()
{
	chain_port='tcp 80'
	{
		sed '/^tftp[[:space:]]/d' "$TMP/inetd.lines"
		sed -n 's/^\.Dl http /http /p' "$TOP/man/tftpd.8"
	} >"$TMP/inetd.http"
	mv "$TMP/inetd.http" "$TMP/inetd.lines"
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
		echo "# $chain_line"
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

# Firmware asks twice for a file that it first wants to know the size of, and
# again for an address that comes late.
chain_story()
{
	pxectl events pxe-test | awk '
	$4 ~ /^(asked|address|lease)$/			{ print $4 }
	$4 ~ /^(loader|config|kernel|initrd|files|up)$/	{
		sub("^/", "", $10)
		print $4, $10
	}' | uniq
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

# README's set-up, further commands, the boot, and what is to be seen of it
# afterwards.  On stdin: the lines of chain_story from the loader to the initrd.
chain_test()
{
	chain_mode=$1
	shift
	cat >"$TMP/loading"
	if chain_line=$(machine_lacks); then
		case $(uname -m) in
		x86_64)	not_ok set-up "no $chain_line (make deps)" ;;
		*)	skip set-up "no $chain_line on this kind of machine" ;;
		esac
		return
	fi
	chain_install || { not_ok 'set-up' 'see above'; return; }
	check 'commands of README' chain_register || return
	equal 'what the image lacks is told in one line' 1 \
	    "$(grep -c '^left out: ' "$TMP/output")"
	chain_layers
	for chain_line in "$@"; do
		check "$chain_line" sh -c "$chain_line" || return
	done
	[ "$chain_http" = yes ] || chain_stranger "$chain_mode"
	machine_start "$chain_mode"
	machine_says "$chain_limit" "$chain_word"
	case $? in
	0)	ok 'its own rc.local ran' ;;
	1)	not_ok 'its own rc.local ran' "not within $chain_limit s" ;;
	2)	not_ok 'its own rc.local ran' 'the machine went off before' ;;
	esac
	check 'it says that it is up' wait_for 10 chain_is_up
	machine_off
	chain_seen
	[ "$test_failed" -eq 0 ] || chain_sorry
}

chain_is_up()
{
	chain_story | grep -qx 'up up/'
}

chain_seen()
{
	{
		printf '%s\n' asked address
		cat "$TMP/loading"
		printf '%s\n' asked lease 'files common/' 'files pxe-test/' \
		    'up up/'
	} >"$TMP/wanted"
	chain_story >"$TMP/story"
	check 'what came, in this order' diff "$TMP/wanted" "$TMP/story"
	for chain_file in 'kernel vmlinuz' 'initrd initrd.gz'; do
		equal "the whole ${chain_file% *} came" \
		    "$(wc -c <"/usr/local/pxe/tftpboot/${chain_file#* }")" \
		    "$(pxectl events pxe-test |
		    awk -v stage="${chain_file% *}" '$4 == stage { print $8 }')"
	done
	machine_console >"$TMP/console.txt"
	check 'the host name came by DHCP' \
	    grep -qx 'host name: pxe-test' "$TMP/console.txt"
	check 'rc.inet1 of the first layer ran' \
	    grep -qx 'rc.inet1 of common' "$TMP/console.txt"
	refute "the later layer's rc.local won" \
	    grep -qx 'rc.local of common' "$TMP/console.txt"
	check 'pxectl why: it is up' sh -c 'pxectl why pxe-test |
	    grep "^It is up, after "'
}

# A machine nobody registered is noticed, and gets no answer: its wire is
# looked at, for the events are our own words.
chain_stranger()
{
	chain_mac=00:02:b3:00:00:01
	machine_start "$1" $chain_mac "$TMP/wire"
	check 'a stranger is noticed' wait_for 30 chain_unknown
	machine_off
	check 'its wire: it asked' chain_wire D C
	refute 'its wire: nobody answered' chain_wire C D
	rm -f "$TMP/wire"
}

chain_unknown()
{
	pxectl unknown | grep -q "^$chain_mac "
}

# Was anything sent from one port to the other?  67 is C, 68 is D.
chain_wire()
{
	LC_ALL=C tr '\000' '\001' <"$TMP/wire" |
	    LC_ALL=C grep -qaF "$(printf '\001%s\001%s' "$1" "$2")"
}
