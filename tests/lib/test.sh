# test.sh: what the tests written in sh share.  POSIX sh; source it first:
#
#	. "$(dirname "$0")/../lib/test.sh"
#
#	need udhcpc				# else the script is skipped
#	netns_make srv cli
#	netns_veth srv eth0 192.0.2.2/24 cli eth0
#	start_in srv tftpd "$TFTPD" --listen 192.0.2.2 -s "$TMP/tftpboot"
#	wait_for 5 listening srv udp 69
#	check 'udhcpc gets its lease' in_ns cli udhcpc -q -n -i eth0 -s /bin/true
#	finish
#
# The script runs as root in namespaces of its own, which end with it; read
# private.sh for what that means, for $TMP, and for how to make networks,
# start programs and wait.  Without root it is skipped.
#
# Results: one line each on stdout; the script's exit status is 0 if no test
# failed and the script reached `finish`.  TEST is the script's name.
#   ok NAME  |  not_ok NAME WHY  |  skip NAME WHY
#   check NAME COMMAND...	ok if the command succeeds; else its last output
#   refute NAME COMMAND...	ok if the command fails (but was found)
#   status NAME N COMMAND...	ok if the command exits with N
#   equal NAME WANTED GOT	ok if the two texts are equal
#   need PROGRAM...		skip the rest of the script without these
#   finish			the last line of every script
# What check, refute and status ran last left its output in $TMP/output.

TEST=$(basename "$0")
test_failed=0 test_finished=no

ok()
{
	echo "ok $TEST: $1"
}

not_ok()
{
	echo "not ok $TEST: $1 - $2"
	test_failed=$((test_failed + 1))
}

skip()
{
	echo "skip $TEST: $1 - $2"
}

finish()
{
	test_finished=yes
	[ "$test_failed" -eq 0 ]
	exit
}

# The command's status in test_rc, its words in $TMP/output.
test_do()
{
	"$@" >"$TMP/output" 2>&1 && test_rc=0 || test_rc=$?
}

# A test that failed says the last thing the command said, and then all of it.
test_bad()
{
	not_ok "$1" "$2: $(sed -n '/[^[:space:]]/h; ${ x; p; }' \
	    "$TMP/output" | cut -c1-300)"
	sed 's/^/# /' "$TMP/output"
	return 1
}

check()
{
	test_name=$1
	shift
	test_do "$@"
	[ "$test_rc" -eq 0 ] || {
		test_bad "$test_name" "status $test_rc"
		return
	}
	ok "$test_name"
}

refute()
{
	test_name=$1
	shift
	test_do "$@"
	case $test_rc in
	0)	test_bad "$test_name" 'succeeded, and must not' ;;
	126|127) test_bad "$test_name" "could not run $1" ;;
	*)	ok "$test_name" ;;
	esac
}

status()
{
	test_name=$1 test_want=$2
	shift 2
	test_do "$@"
	[ "$test_rc" -eq "$test_want" ] || {
		test_bad "$test_name" "status $test_rc, not $test_want"
		return
	}
	ok "$test_name"
}

equal()
{
	[ "$2" = "$3" ] || {
		not_ok "$1" "got \`$3', not \`$2'"
		return 1
	}
	ok "$1"
}

need()
{
	for test_need in "$@"; do
		command -v "$test_need" >/dev/null && continue
		skip "$TEST" "no $test_need here (make deps)"
		finish
	done
}

PRIVATE_LATER=1
. "${TOP:-$(dirname "$0")/../..}/tests/lib/private.sh"

private_refused()
{
	skip "$TEST" 'needs root'
	exit 0
}

private_ended()
{
	[ "$test_finished" = no ] || return 0
	echo "not ok $TEST: the script - ended early, status $private_status"
	[ "$private_status" -ne 0 ] || private_status=1
}

private_enter "$@"
