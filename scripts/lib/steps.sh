# Named steps with their durations, for the test runners: one after the other, or in lanes side by side. Sourced after
# common.sh; expects $step_logs, the folder for their output and records.
#
# A lane is a function that runs steps. Each lane is a process of its own, so it sees the variables of the moment at
# which it began, and none that others set later.

step_lanes=
# So many tests of a step under pytest get a second try, alone; a step of which more fail fails at once.
step_second_tries=0
# While one is made: its step, and the file with the first failure.
step_of=
step_first=

# steps_begin: before the first step. Whoever ends this program ends all that it has started.
steps_begin() {
	mkdir -p "$step_logs"
	rm -rf "$step_logs"/*.log "$step_logs"/*.failures "$step_logs"/*.times
	for step_record in failed reasons again second-try seconds test-seconds; do
		: >"$step_logs/$step_record"
	done
	trap 'steps_cancel 130' INT
	trap 'steps_cancel 143' TERM HUP
	temporary_begin
}

# Temporary files (databases, installations, machines) stand in memory where there is plenty of it: a disk's file system
# takes a third of the processors' time of a run for making and removing them. Elsewhere they stay where they were.
temporary_begin() {
	temporary_parent=${CLIENTELE_TEST_MEMORY:-/dev/shm}
	temporary_is_roomy "$temporary_parent" || return 0
	# What a run has left that was killed; nobody holds the lock of such a folder.
	find "$temporary_parent" -maxdepth 1 -name 'clientele-test.*' -user "$(id -u)" -mmin +1 \
		-exec flock --nonblock {} rm -rf {} \; || true
	temporary_folder=$temporary_parent/clientele-test.$(date +%N)
	trap 'rm -rf "$temporary_folder"' EXIT # before it is made: a signal leaves nothing; a short name, for sockets
	mkdir -m 0700 "$temporary_folder"
	exec 8<"$temporary_folder"
	flock --shared 8
	chmod 1777 "$temporary_folder" # as /tmp: servers run as users of their own
	if temporary_runs_programs; then
		TMPDIR=$temporary_folder
		export TMPDIR
	fi
}

# temporary_is_roomy FOLDER: true for one in memory, with 6 GiB for files and 2 GiB for programs beside them.
temporary_is_roomy() {
	[ "$(stat -f -c %T "$1" 2>/dev/null)" = tmpfs ] && [ -w "$1" ] &&
		[ "$(df -Pk "$1" | awk 'END { print $4 }')" -ge $((6 * 1024 * 1024)) ] &&
		[ "$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)" -ge $((8 * 1024 * 1024)) ]
}

# Containers often mount theirs in such a way that nothing in it is executed.
temporary_runs_programs() {
	printf '#!/bin/sh\n' >"$temporary_folder/program" && chmod +x "$temporary_folder/program" &&
		"$temporary_folder/program" 2>/dev/null && rm "$temporary_folder/program"
}

# step NAME COMMAND...: runs the command; prints its name, result, duration and time of processors (of what it has waited
# for), its output when it fails, and why tests were left out (as pytest -rs says). Returns the command's success; records the names of failed steps, and which of their
# tests are to be tried again.
step() {
	step_name=$1
	shift
	step_log=$step_logs/$(printf '%s' "$step_name" | tr -c 'A-Za-z0-9' '-' | cut -c 1-100).log
	step_failures=${step_log%.log}.failures
	step_times=${step_log%.log}.times
	step_begin=$(date +%s)
	step_result=ok
	# A shell handles signals while it waits, but not while a command runs before it.
	(
		trap 'times >"$step_times"' EXIT
		"$@" || exit 1
	) >"$step_log" 2>&1 &
	wait "$!" || step_result=FAILED
	step_seconds=$(($(date +%s) - step_begin))
	# Lanes report one after the other.
	(
		flock 9
		step_report
	) 9>"$step_logs/lock"
	[ "$step_result" = ok ]
}

step_report() {
	[ ! -e "$step_failures/again" ] || step_result='FAILED, to be tried again'
	printf '%s ... %s (%s s, processors %s s)\n' "$step_name" "$step_result" "$step_seconds" "$(step_processors)"
	printf '%s %s\n' "$step_seconds" "$step_name" >>"$step_logs/seconds"
	if [ "$step_result" = ok ]; then
		sed -n 's/^SKIPPED \[\([0-9]*\)\] [^ ]*: /  left out (\1): /p' "$step_log"
		return
	fi
	# First what no limit of the place that shows it should cut off.
	[ ! -e "$step_failures/0001" ] || step_reasons
	tail -n 200 "$step_log"
	printf '%s\n' "(all of it: $step_log)"
	if [ ! -e "$step_failures/again" ]; then
		step_failed
		return
	fi
	while IFS= read -r step_failure; do
		printf '%s:%s\n' "$step_name" "$step_failures/$step_failure" >>"$step_logs/again"
	done <"$step_failures/again"
}

# step_processors: the seconds that processors have worked for the step, in user mode and in the kernel's; "?" when it was
# ended before it could say so. A shell prints them as 1m2.345s, its own in the first line and its children's in the second.
step_processors() {
	awk -F '[ms ]+' '{ sum += ($1 + $3) * 60 + $2 + $4 } END { if (NR == 2) printf "%d", sum; else printf "?" }' \
		"$step_times" 2>/dev/null || printf '?'
}

# step_failed: records what the end of the run shows: the step, once, and why.
step_failed() {
	step_failed_name="  ${step_of:-$step_name}"
	grep -qxF "$step_failed_name" "$step_logs/failed" || say "$step_failed_name" >>"$step_logs/failed"
	{
		if [ -n "$step_of" ]; then
			step_indent "$step_first"
			say "  at the second try:"
		fi
		step_reasons
	} >>"$step_logs/reasons"
}

# step_reasons: what was wrong in the step that has just failed: the tests as tests/harness/failures.py has kept them, or
# the last lines of another program.
step_reasons() {
	if [ ! -e "$step_failures/0001" ]; then
		printf '  %s\n' "$step_name"
		tail -n 20 "$step_log" | sed 's/^/      /'
		return
	fi
	find "$step_failures" -name '[0-9]*' | sort | sed 20q | while IFS= read -r step_failure; do
		step_indent "$step_failure"
	done
	step_count=$(find "$step_failures" -name '[0-9]*' | wc -l)
	[ "$step_count" -le 20 ] || say "  ... and $((step_count - 20)) more"
}

step_indent() {
	sed 's/^/  /' "$1"
}

# lane FUNCTION ARGUMENT...: runs the function beside what follows; on a computer with one processor, before it.
lane() {
	if [ "$(processors)" -lt 2 ]; then
		"$@" || true
		return 0
	fi
	("$@" || true) &
	step_lanes="$step_lanes $!"
}

# lanes_wait: returns when all lanes have ended.
lanes_wait() {
	for step_lane in $step_lanes; do
		wait "$step_lane" || true
	done
	step_lanes=
}

# steps_try_again: the second tries, when nothing else runs that could upset a timing.
steps_try_again() {
	step_second_tries=0
	step_number=0
	while IFS=: read -r step_of step_first; do
		step_number=$((step_number + 1))
		step_test=$(head -n 1 "$step_first")
		if step "second try $step_number: $step_test" second_try "${step_first%/*}" "$step_test"; then
			step_indent "$step_first" >>"$step_logs/second-try"
		fi
	done <"$step_logs/again"
	step_of=
}

# steps_take_over FOLDER: what the steps of another runner, which had that folder, have to say at the end.
steps_take_over() {
	for step_record in second-try reasons; do
		[ ! -e "$1/$step_record" ] || cat "$1/$step_record" >>"$step_logs/$step_record"
	done
}

# steps_end: the second tries, the slowest steps and tests, and the result of a run; returns its exit status.
steps_end() {
	lanes_wait
	steps_try_again
	say "slowest steps:"
	slowest "$step_logs/seconds"
	sed -n 's/^\([0-9.]*\)s \([a-z]*\) *\(tests\/.*\)/\1 \3 (\2)/p' "$step_logs"/*.log >>"$step_logs/test-seconds"
	if [ -s "$step_logs/test-seconds" ]; then
		say "slowest tests:"
		slowest "$step_logs/test-seconds"
	fi
	steps_result
}

# steps_result: what nobody may overlook, and last why the run has failed, so that a cut output still has it.
steps_result() {
	step_passed="all steps passed"
	if [ -s "$step_logs/second-try" ]; then
		say "passed only at the second try:"
		cat "$step_logs/second-try"
		step_passed="$step_passed, some tests only at the second try"
	fi
	if [ ! -s "$step_logs/failed" ]; then
		say "$step_passed"
		return 0
	fi
	say "these steps failed:"
	cat "$step_logs/failed"
	say "failures:"
	cat "$step_logs/reasons"
	return 1
}

# slowest FILE: of its lines, each a number of seconds and a name, the ten with the highest numbers.
slowest() {
	sort -k 1,1 -n -r "$1" | sed 10q | while read -r slowest_seconds slowest_name; do
		printf '%8.1f s  %s\n' "$slowest_seconds" "$slowest_name"
	done
}

# steps_cancel STATUS: ends every process that a step has started, and this one. Tests get the time to stop the servers
# that they have started.
steps_cancel() {
	trap '' INT TERM HUP
	note "ending what runs"
	step_processes=$(steps_descendants "$$")
	# shellcheck disable=SC2086 # one word per process
	kill -s TERM $step_processes 2>/dev/null || true
	# shellcheck disable=SC2086
	wait_until 60 steps_gone $step_processes || kill -s KILL $step_processes 2>/dev/null || true
	exit "$1"
}

# steps_descendants PROCESS: prints its children, and theirs.
steps_descendants() {
	for step_process in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		printf '%s ' "$step_process"
		steps_descendants "$step_process"
	done
}

# A zombie has ended, though its parent does not know it yet.
steps_gone() {
	for step_process in "$@"; do
		! grep -q '^State:[[:space:]]*[^Z]' "/proc/$step_process/status" 2>/dev/null || return 1
	done
}

# unit_tests BUILD ARGUMENT...: make check, with the output of every failed program. A command in $unit_wrapper runs
# each program.
unit_tests() {
	unit_build=$1
	shift
	build_make "$unit_build" check "$@" \
		LOG_COMPILER="sh $root/scripts/lib/timed.sh $step_logs/test-seconds ${unit_wrapper:-}" && return 0
	cat "$unit_build/test-suite.log" 2>/dev/null
	return 1
}

# service_tests BUILD PROCESSES ARGUMENT...: the tests that talk to a running program, against that build; the files of
# tests are dealt out to so many processes, each with an installation of its own. A pattern that no test fits (pytest's
# status 5) is no failure.
service_tests() {
	service_build=$1
	service_processes=$2
	shift 2
	[ "$service_processes" -lt 2 ] || [ "$(processors)" -lt 2 ] || set -- -n "$service_processes" --dist loadfile "$@"
	service_pytest "$service_build" --durations=10 "$@" || [ $? -eq 5 ]
}

# service_pytest BUILD ARGUMENT...: pytest within a step.
service_pytest() {
	mkdir "$step_failures" && printf '%s\n' "$1" >"$step_failures/build"
	(
		cd "$root" || exit
		BUILD_DIR=$1
		CLIENTELE_TEST_FAILURES=$step_failures
		CLIENTELE_TEST_TRIES=$step_second_tries
		PYTHONPATH=$root/tests PYTHONDONTWRITEBYTECODE=1
		export BUILD_DIR CLIENTELE_TEST_FAILURES CLIENTELE_TEST_TRIES PYTHONPATH PYTHONDONTWRITEBYTECODE
		shift
		exec /usr/bin/python3 -m pytest -q -p no:cacheprovider -p harness.failures "$@"
	)
}

# second_try FAILURES TEST: a test of a step that had that folder, in a process of its own. One that is left out now has
# not passed.
second_try() {
	service_pytest "$(cat "$1/build")" -rs "$2" && grep -q '^1 passed' "$step_log"
}
