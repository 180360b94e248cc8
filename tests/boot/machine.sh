# machine.sh: an empty machine in emulation that can boot from the network
# alone.  Source it after private.sh (or test.sh).
#
#   machine_network		a switch br0 in the script's own namespace,
#				192.0.2.2/24 on it, and a tap for the machine
#   machine_start bios|uefi|uefi-http|uboot|uboot32 [MAC [FILE]]
#				switch it on; what it sends and gets goes to
#				FILE, as a capture.  uefi-http: its firmware
#				has HTTP boot and no PXE.  uboot: U-Boot, of
#				64 or 32 bits
#   machine_type SECONDS PROMPT LINE	to U-Boot: wait for the prompt, then
#				type that line
#   machine_disk bios|uefi|none	give it a disk, for when it has tried its
#				network; it says machine_disk_word then
#   machine_says SECONDS TEXT	wait until its serial console shows TEXT; 1 if
#				that time is over, 2 if the machine went away
#   machine_off			pull the plug
#   machine_console [LINES]	what the console showed, readable
#   machine_lacks		what is not there that this needs; 1 if nothing
#   machine_kernel		the path of the kernel package's kernel
#   machine_accel		what carries it: kvm, or tcg (emulation)

machine_ovmf=/usr/share/OVMF/OVMF_CODE_4M.fd
machine_tianocore=opt/org.tianocore
machine_disk_word='this line is from its disk'
machine_disk=none

machine_lacks()
{
	for machine_file in "$DEPS/usr/sbin/inetd" "$machine_ovmf" \
	    "$(machine_kernel)" "$TOP/tests/boot/ra" \
	    "$(command -v qemu-system-x86_64 || echo qemu-system-x86_64)"
	do
		[ ! -e "$machine_file" ] || continue
		echo "$machine_file"
		return 0
	done
	return 1
}

# The switch answers IPv6 router solicitations (see ra.c), for which it needs
# its link-local address at once.
machine_network()
{
	netns_bridge - br0 192.0.2.2/24 && netns_tap - br0 tap0 || return 1
	[ -d /proc/sys/net/ipv6/conf/br0 ] || return 0
	echo 0 >/proc/sys/net/ipv6/conf/br0/accept_dad
	echo 0 >/proc/sys/net/ipv6/conf/br0/disable_ipv6
	start ra "$TOP/tests/boot/ra" br0
}

# A /dev/kvm that opens proves nothing: without the processor's own support
# the machine stops in its firmware.
machine_accel()
{
	if grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then
		echo kvm
	else
		echo tcg
	fi
}

machine_start()
{
	machine_mac=${2:-00:02:b3:4c:ed:c8} machine_wire=${3-}
	machine_serial=file machine_board=q35
	machine_nic=virtio-net-pci,netdev=n,mac=$machine_mac,bootindex=0
	case $1 in
	bios)	set -- -m 512 -device "$machine_nic" ;;
	uefi*)	set -- "$1" -m 768 -device "$machine_nic,romfile=" \
		    -drive "if=pflash,format=raw,readonly=on,file=$machine_ovmf"
		[ "$1" = uefi ] || for machine_ip in IPv4 IPv6; do
			set -- "$@" -fw_cfg \
			    "name=$machine_tianocore/${machine_ip}PXESupport,\
string=n"
		done
		shift ;;
	uboot*)	machine_file=qemu-x86_64
		[ "$1" = uboot ] || machine_file=qemu-x86
		set -- -m 512 \
		    -bios "$DEPS/usr/lib/u-boot/$machine_file/u-boot.rom" \
		    -device "e1000,netdev=n,mac=$machine_mac,romfile="
		machine_board=pc
		machine_pipe || return ;;
	esac
	[ "$machine_disk" = none ] || set -- "$@" \
	    -drive "if=none,id=d,format=raw,readonly=on,file=$machine_disk" \
	    -device virtio-blk-pci,drive=d,bootindex=1
	[ -z "${machine_wire-}" ] || set -- "$@" \
	    -object "filter-dump,id=dump,netdev=n,file=$machine_wire"
	: >"$TMP/console"
	[ "$machine_serial" != pipe ] || set -- "$@" -serial "pipe:$TMP/serial"
	[ "$machine_serial" = pipe ] || set -- "$@" -serial "file:$TMP/console"
	start machine qemu-system-x86_64 -M $machine_board \
	    -accel "$(machine_accel)" -nodefaults -display none -no-reboot \
	    -netdev tap,id=n,ifname=tap0,script=no,downscript=no "$@"
}

# For a BIOS a boot sector that writes to the first serial port and halts; for
# UEFI a directory that QEMU shows as a FAT disk, with GRUB in it.
machine_disk()
{
	case $1 in
	bios)	machine_disk=$TMP/disk
		{
			printf '\061\300\216\330\276\042\174\374\254\204'
			printf '\300\164\022\210\303\272\375\003\354\250'
			printf '\040\164\373\210\330\272\370\003\356\353'
			printf '\351\364\353\375%s\r\n' "$machine_disk_word"
		} >"$machine_disk" &&
		    truncate -s 510 "$machine_disk" &&
		    printf '\125\252' >>"$machine_disk" &&
		    truncate -s 1M "$machine_disk" ;;
	uefi)	machine_disk=fat:$TMP/esp
		mkdir -p "$TMP/esp/EFI/BOOT" &&
		    echo "echo '$machine_disk_word'; sleep 600" \
			>"$TMP/disk.cfg" &&
		    grub-mkimage -O x86_64-efi -p / -c "$TMP/disk.cfg" \
			-o "$TMP/esp/EFI/BOOT/BOOTX64.EFI" echo sleep ;;
	none)	machine_disk=none ;;
	esac
}

machine_pipe()
{
	rm -f "$TMP/serial.in" "$TMP/serial.out"
	mkfifo "$TMP/serial.in" "$TMP/serial.out" || return
	start serial sh -c 'exec cat "$1" >>"$2"' sh "$TMP/serial.out" \
	    "$TMP/console"
	machine_serial=pipe
}

machine_type()
{
	wait_for "$1" grep -qaF -e "$2" "$TMP/console" &&
	    printf '%s\n' "$3" >"$TMP/serial.in"
}

machine_says()
{
	wait_for "$1" machine_said_or_gone "$2" || return 1
	grep -qaF -e "$2" "$TMP/console" || return 2
}

machine_said_or_gone()
{
	grep -qaF -e "$1" "$TMP/console" || ! running machine
}

machine_off()
{
	stop machine
}

# Without what moves the cursor about and the firmware's repainting.
machine_console()
{
	tr -d '\r\000' <"$TMP/console" |
	    sed 's/\x1b\[[0-9;?=]*[A-Za-z]//g; s/[[:cntrl:]]//g' |
	    grep -v '^[[:space:]]*$' | tail -n "${1:-1000000}"
}

machine_kernel()
{
	ls "$DEPS"/boot/vmlinuz-* 2>/dev/null || echo "$DEPS/boot/vmlinuz"
}
