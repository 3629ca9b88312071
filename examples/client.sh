#!/bin/sh
# Takes a seat of a license, asks whether it is valid, keeps the seat and frees it: client.sh URL USER-KEY MACHINE
set -eu

address=$1 user_key=$2 machine=$3

# call ACTION: prints the answer, or ends with the reason of a refusal. No list of processes shows the user key.
call() {
	if ! answer=$(printf %s "$user_key" | curl --silent --show-error --fail-with-body --max-time 10 \
		--data-urlencode userKey@- --data-urlencode "machineId=$machine" --data clientId=example \
		"$address/v1/license/$1"); then
		reason=$(printf %s "$answer" | sed -n 's/.*"reason":"\([A-Z_]*\)".*/\1/p')
		echo "$1: ${reason:-no answer of the license server}" >&2
		exit 1
	fi
	echo "$1: $answer"
}

call activate
call validate
call heartbeat
call deactivate
