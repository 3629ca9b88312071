# Background programs of one state directory. Sourced after common.sh; expects $state (absolute) and $runner.

# service_pid NAME: prints the number of the running program whose pid file is NAME.pid, if it is ours. A pid
# file may be stale and its number reused, so the command line must name the state directory.
service_pid() {
	service_file=$state/run/$1.pid
	[ -s "$service_file" ] || return 1
	read -r service_number <"$service_file" || return 1
	service_runs "$service_number" || return 1
	printf '%s\n' "$service_number"
}

service_runs() {
	[ -r "/proc/$1/cmdline" ] || return 1
	tr '\000' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$state/"
}

# service_spawn NAME COMMAND...: starts a program in the background, away from this terminal, as the user of
# the words in $runner.
service_spawn() {
	service_name=$1
	shift
	# shellcheck disable=SC2086 # the words of a command
	setsid $runner "$@" </dev/null >>"$state/log/$service_name.log" 2>&1 &
	printf '%s\n' "$!" >"$state/run/$service_name.pid"
}

# service_stop NAME SIGNAL: ends the program and waits for its end; harder after half a minute.
service_stop() {
	if ! service_number=$(service_pid "$1"); then
		rm -f "$state/run/$1.pid"
		return 0
	fi
	kill -s "$2" "$service_number" 2>/dev/null || true
	if ! wait_until 30 service_gone "$service_number"; then
		note "$1 does not stop; ending it the hard way"
		kill -s KILL "$service_number" 2>/dev/null || true
		wait_until 5 service_gone "$service_number" || true
	fi
	rm -f "$state/run/$1.pid"
}

# A zombie still has a number but no command line.
service_gone() {
	! service_runs "$1"
}
