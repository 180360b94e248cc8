# bootpd.sh: what the tests of bootpd share; source it after test.sh.
#
#	bootpd_root	makes $ROOT with a site, 192.0.2.0/24, and pxe-test
#	pxe COMMAND...	pxectl on it
#	event WORDS...	is there an event with all these words?
#	lease_has WORDS	is this in dhclient's lease file?
#	dhclient_once NS INTERFACE	one lease, with the image's lines

ROOT=$TMP/pxe MAC=02:00:5e:00:53:01
PXE_ROOT=$ROOT
export PXE_ROOT

pxe()
{
	"$PXECTL" --root "$ROOT" "$@" </dev/null
}

bootpd_root()
{
	pxe init --no-subnet &&
	    pxe set site default-lease=1d dns=192.0.2.53 &&
	    pxe add-subnet 192.0.2.0/24 router=192.0.2.1 domain=example.net &&
	    pxe add-group web loader=pxelinux rsync=common,web &&
	    pxe add-host "$MAC" pxe-test address=192.0.2.10 group=web
}

event()
{
	pxe events >"$TMP/events" || return
	cp "$TMP/events" "$TMP/events.left"
	for event_word in "$@"; do
		grep -F -- "$event_word" "$TMP/events.left" >"$TMP/events.new"
		mv "$TMP/events.new" "$TMP/events.left"
	done
	[ -s "$TMP/events.left" ] || { cat "$TMP/events"; return 1; }
}

lease_has()
{
	grep -qF -- "$1" "$TMP/leases" || { cat "$TMP/leases"; return 1; }
}

# The lines that the image's /etc/dhclient.conf has.
dhclient_conf()
{
	cat >"$TMP/dhclient.conf" <<'EOF'
option rsync-path code 194 = text;
request subnet-mask, broadcast-address, routers, host-name, domain-name,
    domain-name-servers, ntp-servers, rsync-path;
timeout 10;
EOF
}

# It returns when it has its lease, or none; what stays behind is ended, and
# says only some time after that who it is.
dhclient_once()
{
	[ -f "$TMP/dhclient.conf" ] || dhclient_conf
	rm -f "$TMP/dhclient.pid"
	bound 25 ip netns exec "$1" dhclient -v -1 -cf "$TMP/dhclient.conf" \
	    -lf "$TMP/leases" -pf "$TMP/dhclient.pid" -sf /bin/true "$2"
	dhclient_status=$?
	[ "$dhclient_status" -ne 0 ] || wait_for 10 test -s "$TMP/dhclient.pid"
	[ ! -s "$TMP/dhclient.pid" ] || {
		kill "$(cat "$TMP/dhclient.pid")"
		wait_for 10 private_gone "$(cat "$TMP/dhclient.pid")"
	}
	return "$dhclient_status"
}
