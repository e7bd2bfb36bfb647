#!/usr/bin/python3
"""Debian's python3-socketio at the end of two pipes: python-client.py URL TRANSPORT

Each line of the input is ["event", payload], to be emitted, or ["close"]. Each line of the output is an event
that the client heard, with its one argument: handlers of this library break on a second one.
"""
import json
import sys
import threading

import socketio

url, transport = sys.argv[1:]
client = socketio.Client(
    reconnection_delay=0.05, reconnection_delay_max=0.2, randomization_factor=0, ssl_verify=False
)


# The library calls each handler in a thread of its own.
output = threading.Lock()


def say(event, payload=None):
    with output:
        print(json.dumps([event, payload]), flush=True)


@client.event
def connect():
    say("connect", client.get_sid())


@client.event
def disconnect():
    say("disconnect")


@client.event
def connect_error(reason):
    say("connect_error", str(reason))


def listen(event):
    client.on(event, lambda payload: say(event, payload))


for name in ("created", "joined", "left", "user-joined", "user-left", "user-gone", "event", "ended", "host-changed"):
    listen("session:" + name)
listen("error")

client.connect(url, transports=[transport])
for line in sys.stdin:
    event, *arguments = json.loads(line)
    if event == "close":
        client.disconnect()
        break
    client.emit(event, *arguments)
