# Pieces that every script here uses. Sourced; expects $root (top of the source tree).

# Programs that Debian keeps out of an ordinary user's PATH: nginx, mariadbd.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
	printf '%s\n' "$*"
}

# One line of progress on standard error, so that standard output holds results only.
note() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	note "$*"
	exit 1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

processors() {
	nproc 2>/dev/null || getconf _NPROCESSORS_ONLN
}

# as_root COMMAND...: runs a command as root; an ordinary user needs sudo for it.
as_root() {
	if is_root; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo -- "$@"
	else
		die "this needs root, and sudo is not installed: $*"
	fi
}

# logged FILE COMMAND...: output goes to FILE; when the command fails, its last lines are shown.
logged() {
	logged_file=$1
	shift
	"$@" >>"$logged_file" 2>&1 && return 0
	note "failed: $*"
	note "last lines of $logged_file:"
	tail -n 40 "$logged_file" >&2
	return 1
}

# wait_until SECONDS COMMAND...: tries the command every tenth of a second until it succeeds.
wait_until() {
	wait_left=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		wait_left=$((wait_left - 1))
		[ "$wait_left" -gt 0 ] || return 1
		sleep 0.1
	done
}
