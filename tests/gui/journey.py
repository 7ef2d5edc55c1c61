# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""journey.py PROGRAM: from the welcome page to the history, from outside; then with a wrong
password, with a stop in mid-restore, and with a server that is killed."""

import os
import signal
import subprocess
import sys
import traceback

from driver import Program

SOURCE = os.environ['JOURNEY_SOURCE']
TARGET = os.environ['JOURNEY_TARGET']
USER = os.environ['JOURNEY_USER']
PASSWORD = os.environ['JOURNEY_PASSWORD']
PSQL = os.environ['JOURNEY_PSQL']
SERVER_PID = int(os.environ['JOURNEY_TARGET_PID'])


def fill_form(program):
    program.click('New Profile')
    program.wait_for_text('Profile Name', 'New Profile')
    program.type_into('Host', SOURCE, 0)
    program.type_into('Host', TARGET, 1)
    program.type_into('User', USER, 0)
    program.type_into('User', USER, 1)


def wrong_password(program):
    """The form says what is wrong and what to do."""
    program.type_into('Password', 'not the password', 0)
    program.click('Test', 0)
    program.find('label', 'Wrong user or password')


def test_connection(program):
    """The right password, and what the server says of itself."""
    program.type_into('Password', PASSWORD, 0)
    program.type_into('Password', PASSWORD, 1)
    program.click('Test', 0)
    program.find('label', 'Connected')


def choose_database(program):
    """From the menu of what the server has, and the connection to it is tested."""
    program.click('Choose a database of the server')
    program.find('list item', 'postgres')
    program.choose_row('shop')
    program.wait_for_text('Database', 'shop')
    program.find('label', 'Connected')


def mirror_new(program):
    """A target without the database gets it, and the result says that it is verified."""
    program.click_for('Mirror', 'label', 'Mirrored and Verified')
    program.click('Back')


def mirror_replacing(program):
    """What is there is replaced only once its name was typed."""
    program.toggle('Replace Existing Database')
    program.click_for('Mirror', 'label', 'Replace “shop”?')
    program.type_into('Type the name of the database', 'shop')
    program.answer('Replace')
    program.find('label', 'Mirrored and Verified')
    program.click('Back')


# Two minutes of restoring, so that there is something to stop.
SLOW = """CREATE FUNCTION nap() RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE TABLE slow (i int CHECK (nap()));
INSERT INTO slow SELECT generate_series(1, 6000);
CREATE OR REPLACE FUNCTION nap() RETURNS boolean LANGUAGE sql
    AS 'SELECT pg_sleep(0.02) IS NOT NULL';"""


def start_replacing(program):
    program.click('Mirror')
    program.type_into('Type the name of the database', 'shop')
    program.answer('Replace')
    program.find('label', 'Restoring')


def stop_in_restore(program):
    """Stop asks once; then the target is as it was."""
    subprocess.run([PSQL, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', SOURCE, '-U', USER, '-d', 'shop',
                    '-c', 'SET search_path = public', '-c', SLOW], check=True, env={**os.environ, 'PGPASSWORD': PASSWORD})
    start_replacing(program)
    program.click('Stop')
    program.find('label', 'Stop the Run?')
    program.answer('Stop', 1)
    program.find('label', 'The target was not changed')
    program.click('Back')


def server_killed(program):
    """A server that dies ends the run with a sentence."""
    start_replacing(program)
    os.kill(SERVER_PID, signal.SIGQUIT)
    program.find('label', 'Not Mirrored')
    program.click('Back')


def history(program):
    """Every run is there, the last one first."""
    program.click('Main Menu')
    program.find('menu item', 'History').do_action(0)
    program.find('list', 'Past runs')
    for text in ['Failed', 'Stopped', 'Done']:
        program.find(None, text)


def keep_picture():
    """What a person would have seen, where somebody wants to know."""
    if 'JOURNEY_PICTURE' in os.environ:
        subprocess.run(['import', '-window', 'root', os.environ['JOURNEY_PICTURE']], check=False)


def end(program):
    """It is still alive and leaves when it is told to."""
    assert program.process.poll() is None
    program.quit()


STEPS = [fill_form, wrong_password, test_connection, choose_database, mirror_new, mirror_replacing,
         stop_in_restore, server_killed, history, end]


def main():
    program = Program(sys.argv[1])
    print('1..{}'.format(len(STEPS)))
    try:
        for number, step in enumerate(STEPS, 1):
            try:
                step(program)
            except (SystemExit, Exception):
                traceback.print_exc()
                print('the window says:', program.describe(), file=sys.stderr)
                keep_picture()
                print('not ok {} /journey/{}'.format(number, step.__name__.replace('_', '-')))
                print('Bail out!')
                return 1
            print('ok {} /journey/{}'.format(number, step.__name__.replace('_', '-')), flush=True)
    finally:
        if program.process.poll() is None:
            program.end()
    return 0


if __name__ == '__main__':
    sys.exit(main())
