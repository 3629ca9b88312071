#!/bin/sh
# A private MariaDB for tests and trials: a unix socket, no network, nothing of the system's own server.
#
#   mariadb.sh start DIR   starts one on DIR/data (made if missing) and prints the path of its socket;
#                          one that runs already is left as it is
#   mariadb.sh halt DIR    stops it and keeps the data
#   mariadb.sh stop DIR    stops it and removes what start made
#
# The account is root without a password. Speed is bought with durability, except where
# CLIENTELE_TEST_DURABLE=1. CLIENTELE_TEST_OPTIONS holds more options of the server, divided by blanks; they win over
# the ones chosen here. Exit status 77 when MariaDB is not installed: test runners count it as skipped.
set -eu
PATH=$PATH:/usr/sbin:/sbin

fail() {
	echo "mariadb.sh: $*" >&2
	exit 1
}

[ $# -eq 2 ] || fail "usage: mariadb.sh start|halt|stop DIR"
action=$1
case $2 in
/*) dir=$2 ;;
*) dir=$PWD/$2 ;;
esac
socket=$dir/mariadb.sock
pid_file=$dir/mariadb.pid
log=$dir/mariadb.log

# The data directory of a fresh server, made once per version and copied from then on.
make_template() {
	cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/clientele-test
	template=$cache/mariadb-$(mariadbd --version 2>/dev/null | cksum | cut -d ' ' -f 1)
	[ ! -f "$template/complete" ] || return 0
	mkdir -p "$cache"
	fresh=$template.$$
	rm -rf "$fresh"
	mariadb-install-db --no-defaults --force --user="$(id -un)" --datadir="$fresh" \
		--auth-root-authentication-method=normal --skip-test-db --skip-name-resolve \
		--innodb-log-file-size=4M >"$fresh.log" 2>&1 || {
		cat "$fresh.log" >&2
		fail "mariadb-install-db failed"
	}
	rm -f "$fresh.log"
	touch "$fresh/complete"
	# Somebody else may have been faster.
	mv -T "$fresh" "$template" 2>/dev/null || rm -rf "$fresh"
}

# Root hands the server to an ordinary user where that user can reach the directory.
choose_owner() {
	owner=$(id -un)
	[ "$(id -u)" -eq 0 ] || return 0
	for name in mysql nobody; do
		uid=$(id -u "$name" 2>/dev/null) || continue
		gid=$(id -g "$name")
		if setpriv --reuid "$uid" --regid "$gid" --clear-groups test -x "$dir" 2>/dev/null; then
			owner=$name
			chown "$uid:$gid" "$dir"
			return 0
		fi
	done
}

# A process that has ended may be left as a zombie for a while: that counts as gone.
is_running() {
	[ -n "$1" ] && [ -r "/proc/$1/stat" ] && ! grep -q '^[0-9]* (.*) Z' "/proc/$1/stat"
}

answers() {
	[ -S "$socket" ] && mariadb --no-defaults --user=root --socket="$socket" -e 'DO 0' >/dev/null 2>&1
}

start_server() {
	if ! command -v mariadbd >/dev/null || ! command -v mariadb-install-db >/dev/null ||
		! command -v mariadb >/dev/null; then
		echo "mariadb.sh: MariaDB is not installed" >&2
		exit 77
	fi
	[ ${#socket} -le 107 ] || fail "$socket is too long for a socket; use a shorter directory"
	if answers; then
		echo "$socket"
		return 0
	fi
	mkdir -p "$dir"
	choose_owner
	if [ ! -d "$dir/data" ]; then
		make_template
		cp -R --sparse=always "$template" "$dir/data.new"
		chmod 0700 "$dir/data.new"
		[ "$owner" = "$(id -un)" ] || chown -R "$owner" "$dir/data.new"
		mv "$dir/data.new" "$dir/data"
	fi
	# A server empties its folder of temporary files when it starts, those of other servers too.
	mkdir -p "$dir/tmp"
	[ "$owner" = "$(id -un)" ] || chown "$owner" "$dir/tmp"
	speed="--innodb-flush-log-at-trx-commit=2 --innodb-flush-method=nosync --sync-frm=0"
	[ "${CLIENTELE_TEST_DURABLE:-0}" != 1 ] || speed=
	# shellcheck disable=SC2086 # several words on purpose
	setsid mariadbd --no-defaults --user="$owner" --datadir="$dir/data" --tmpdir="$dir/tmp" \
		--socket="$socket" --pid-file="$pid_file" --log-error="$log" --skip-networking --skip-name-resolve \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_bin --performance-schema=0 \
		--innodb-log-file-size=4M --innodb-buffer-pool-size=64M \
		--innodb-buffer-pool-dump-at-shutdown=0 --innodb-buffer-pool-load-at-startup=0 \
		$speed ${CLIENTELE_TEST_OPTIONS:-} </dev/null >/dev/null 2>&1 &
	pid=$!
	tries=0
	until answers; do
		tries=$((tries + 1))
		if ! is_running "$pid" || [ $tries -gt 2400 ]; then
			tail -n 20 "$log" >&2 || true
			fail "the server does not start"
		fi
		sleep 0.05
	done
	echo "$socket"
}

stop_server() {
	[ -f "$pid_file" ] || return 0
	pid=$(cat "$pid_file")
	! is_running "$pid" || kill -TERM "$pid"
	tries=0
	while [ -f "$pid_file" ] && is_running "$pid"; do
		tries=$((tries + 1))
		[ $tries -ne 4500 ] || kill -KILL "$pid"
		sleep 0.02
	done
	rm -f "$pid_file" "$socket"
}

case $action in
start) start_server ;;
halt) stop_server ;;
stop)
	stop_server
	rm -rf "$dir/data" "$dir/data.new" "$dir/tmp" "$log"
	rmdir "$dir" 2>/dev/null || true
	;;
*) fail "usage: mariadb.sh start|halt|stop DIR" ;;
esac
