#!/bin/sh
# timed.sh FILE COMMAND...: runs the command, a test; adds its duration in seconds and its name to the file.
set -u

file=$1
shift
begin=$(date +%s%N)
"$@"
status=$?
for name in "$@"; do :; done
milliseconds=$((($(date +%s%N) - begin) / 1000000))
printf '%d.%03d %s\n' $((milliseconds / 1000)) $((milliseconds % 1000)) "$name" >>"$file"
exit $status
