#!/bin/sh
# First calls, as a program would make them: calls.sh https://registry.example.org KEY
set -eu

address=$1
key=$2

# call METHOD PATH [CURL-OPTION...]: prints the answer; fails where it is none of success.
call() {
	method=$1 path=$2
	shift 2
	# The key comes by a file, so that no list of processes shows it.
	printf 'header = "Authorization: Bearer %s"\n' "$key" |
		curl --silent --show-error --fail-with-body --config - --request "$method" "$@" "$address$path" || return
	echo
}

echo "Users:"
call GET '/v1/users?select=id,userName'

echo "A hosting account:"
call POST /hosting/api/client -H 'Content-Type: application/json' --data \
	'{"username":"calls","password":"a long password of calls","emailAddress":"calls@example.org"}' ||
	echo "It is there already."

echo "All accounts, as XML:"
call GET /hosting/api/client -H 'Accept: application/xml'
