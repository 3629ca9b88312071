# Named steps with their durations, for the test runners. Sourced after common.sh; expects $step_logs, the folder
# for their output.

step_failures=

# step NAME COMMAND...: runs the command; prints its name, result and duration, its output when it fails, and why tests
# were left out (as pytest -rs says). Returns the command's success; the names of failed steps gather in $step_failures.
step() {
	step_name=$1
	shift
	step_log=$step_logs/$(printf '%s' "$step_name" | tr -c 'A-Za-z0-9' '-').log
	step_begin=$(date +%s)
	printf '%s ... ' "$step_name"
	if "$@" >"$step_log" 2>&1; then
		printf 'ok (%s s)\n' "$(($(date +%s) - step_begin))"
		sed -n 's/^SKIPPED \[\([0-9]*\)\] [^ ]*: /  left out (\1): /p' "$step_log"
		return 0
	fi
	printf 'FAILED (%s s)\n' "$(($(date +%s) - step_begin))"
	tail -n 200 "$step_log"
	printf '%s\n' "(all of it: $step_log)"
	step_failures="$step_failures
  $step_name"
	return 1
}

# steps_end: the last line of a run, and its exit status.
steps_end() {
	if [ -z "$step_failures" ]; then
		say "all steps passed"
		return 0
	fi
	say "these steps failed:$step_failures"
	return 1
}

# unit_tests BUILD ARGUMENT...: make check, with the output of every failed program.
unit_tests() {
	unit_build=$1
	shift
	build_make "$unit_build" check "$@" && return 0
	cat "$unit_build/test-suite.log" 2>/dev/null
	return 1
}

# service_tests BUILD ARGUMENT...: the tests that talk to a running program, against that build. A pattern that
# no test fits (pytest's status 5) is no failure.
service_tests() {
	service_build=$1
	shift
	(cd "$root" && BUILD_DIR=$service_build PYTHONDONTWRITEBYTECODE=1 \
		/usr/bin/python3 -m pytest -q --durations=10 -p no:cacheprovider "$@") || [ $? -eq 5 ]
}
