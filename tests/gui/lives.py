# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""lives.py PROGRAM: what is left of a program that ends, in good order or killed, and what the next
one makes of it. No server is needed: one that never answers is played here."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path

from driver import Program, wait

PROFILES = Path(os.environ['XDG_CONFIG_HOME'], 'pg-mirror', 'profiles')
HISTORY = Path(os.environ['XDG_STATE_HOME'], 'pg-mirror', 'history')

SAVED_WITHIN_S = 0.5
SLACK_S = 8.0  # a busy machine's
TYPING_S = 15.0  # more than that


def write_profile(name, port=1):
    server = {'host': '127.0.0.1', 'port': port, 'user': 'u', 'password': 'p'}
    text = json.dumps({'name': name, 'source': {**server, 'database': 'd'}, 'target': server})
    PROFILES.mkdir(parents=True, exist_ok=True)
    (PROFILES / (name.lower() + '.json')).write_text(text)


def kill(program):
    program.process.send_signal(signal.SIGKILL)
    program.process.wait(60)


def killed_while_typing(path):
    """Who types without a pause loses no more than what the last moment had."""
    program = Program(path)
    program.click('New Profile')
    program.wait_for_text('Profile Name', 'New Profile')
    begun = {}
    end = time.monotonic() + TYPING_S
    number = 0
    while time.monotonic() < end:
        number += 1
        begun[number] = time.monotonic()
        program.type_into('Host', 'host-{}.example.org'.format(number))
        time.sleep(0.1)
    killed = time.monotonic()
    kill(program)
    saved = json.loads((PROFILES / 'new-profile.json').read_text())['source']['host']
    kept = int(re.fullmatch(r'host-(\d+)\.example\.org', saved).group(1))
    lost = [at for edit, at in begun.items() if edit > kept]
    assert not lost or killed - min(lost) < SAVED_WITHIN_S + SLACK_S, (kept, number)
    program = Program(path)
    program.wait_for_text('Host', saved)
    kill(program)


def killed_while_running(path):
    """The history says so, and not that the run went well."""
    with socket.create_server(('127.0.0.1', 0)) as mute:
        write_profile('Mute', mute.getsockname()[1])
        (PROFILES / 'new-profile.json').unlink()
        program = Program(path)
        program.click('Mirror')
        program.find('push button', 'Stop')
        wait(lambda: list(HISTORY.glob('*.json')), 'the entry of the run')
        kill(program)
    program = Program(path)
    program.find(None, 'interrupted')  # in the list of profiles
    program.press('ctrl+h')
    program.find(None, 'Interrupted')
    program.end()
    entry = json.loads(next(iter(HISTORY.glob('*.json'))).read_text())
    assert entry['state'] == 'interrupted', entry


def get_size(program):
    found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--pid', str(program.process.pid)],
                           capture_output=True, text=True, check=True).stdout.split()
    lines = subprocess.run(['xdotool', 'getwindowgeometry', '--shell', found[0]],
                           capture_output=True, text=True, check=True).stdout.split()
    values = dict(line.split('=') for line in lines)
    return found[0], int(values['WIDTH']), int(values['HEIGHT'])


def remembered(path):
    """The size of the window, and which profile was last."""
    write_profile('Alpha')
    write_profile('Omega')
    program = Program(path)
    program.find('push button', 'Mirror')
    window, width, height = get_size(program)
    subprocess.run(['xdotool', 'windowsize', window, '900', '640'], check=True)
    wait(lambda: get_size(program)[1:] != (width, height), 'the window to be another size')
    size = get_size(program)[1:]
    program.press('ctrl+n')
    program.wait_for_text('Profile Name', 'New Profile')
    time.sleep(0.5)
    program.quit()
    program = Program(path)
    program.wait_for_text('Profile Name', 'New Profile')
    assert get_size(program)[1:] == size, (size, get_size(program))
    program.quit()


STEPS = [killed_while_typing, killed_while_running, remembered]


def main():
    print('1..{}'.format(len(STEPS)))
    for number, step in enumerate(STEPS, 1):
        try:
            step(sys.argv[1])
        except (SystemExit, Exception):
            traceback.print_exc()
            print('not ok {} /lives/{}'.format(number, step.__name__.replace('_', '-')))
            return 1
        print('ok {} /lives/{}'.format(number, step.__name__.replace('_', '-')), flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
