"""Stands for a service manager: owns a listening socket, and starts processes with it (sd_listen_fds(3)).

Says the port. Then each line of the standard input is a command to start, as JSON; its number is said, and later how it
ended. The socket is open until the standard input ends.
"""
import json
import os
import socket
import sys
import threading

FIRST_PASSED = 3


def say(what):
    sys.stdout.write(json.dumps(what) + '\n')
    sys.stdout.flush()


def start(command, listening):
    child = os.fork()
    if child == 0:
        os.dup2(listening.fileno(), FIRST_PASSED)
        # It may have been that one already.
        os.set_inheritable(FIRST_PASSED, True)
        # Its output is not for the test that reads ours.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        environment = dict(os.environ, LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
        os.execve(command[0], command, environment)
    say({'started': child})

    def wait():
        _, status = os.waitpid(child, 0)
        say({'ended': child, 'code': os.waitstatus_to_exitcode(status)})

    threading.Thread(target=wait, daemon=True).start()


with socket.create_server(('127.0.0.1', 0), backlog=128) as listening:
    say({'port': listening.getsockname()[1]})
    for line in sys.stdin:
        start(json.loads(line), listening)
