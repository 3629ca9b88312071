#!/usr/bin/env python3
"""Takes a seat of a license, asks whether it is valid, keeps the seat and frees it: client.py URL USER-KEY MACHINE"""
import json
import sys
import urllib.error
import urllib.request

address, user_key, machine = sys.argv[1:]


def call(action):
    """The answer; a refusal ends the program with its reason."""
    body = json.dumps({"userKey": user_key, "machineId": machine, "clientId": "example"}).encode()
    request = urllib.request.Request(f"{address}/v1/license/{action}", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        is_json = refusal.headers.get_content_type() == "application/json"
        sys.exit(f"{action}: {json.load(refusal)['reason'] if is_json else refusal}")
    except OSError as fault:
        sys.exit(f"{action}: {fault}")


seat = call("activate")
print(f"{seat['license']['licenseId']}: {seat['activeClientCount']} of {seat['maxClientCount']} seats are taken")
for step in "validate", "heartbeat", "deactivate":
    call(step)
    print(f"{step}: done")
