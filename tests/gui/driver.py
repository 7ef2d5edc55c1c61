# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""Drives the program from outside, by what it tells assistive technology: no coordinates, and a
control without a name cannot be found. For the journey and for build-aux/screenshots-drive."""

import gettext
import os
import subprocess
import time
import warnings

import gi

warnings.simplefilter('ignore')
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

LIMIT_S = 120

# GTK 4.8 ends when it is asked about a window that is on its way out.
CLOSING_S = 1.5


def wait(look, what, limit_s=LIMIT_S):
    """The first true answer of look()."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            found = look()
            if found:
                return found
        except GLib.Error:
            pass  # the widget went away while it was looked at
        time.sleep(0.05)
    raise SystemExit('not found in time: ' + what)


def walk(node):
    yield node
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child:
            yield from walk(child)


def is_usable(node):
    states = node.get_state_set()
    extents = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
    return (states.contains(Atspi.StateType.VISIBLE) and states.contains(Atspi.StateType.SENSITIVE)
            and extents.width > 0)


class Program:
    def __init__(self, path):
        prefix = os.path.dirname(os.path.dirname(path))
        catalog = gettext.translation('pg-mirror', os.path.join(prefix, 'share', 'locale'),
                                      [os.environ.get('LANGUAGE', 'en')], fallback=True)
        self.translate = catalog.gettext
        self.process = subprocess.Popen([path])
        self.root = wait(self._find_application, 'the program')

    def _find_application(self):
        desktop = Atspi.get_desktop(0)
        for index in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(index)
            if (application and application.get_process_id() == self.process.pid
                    and application.get_child_count() > 0):
                return application
        return None

    def look(self, role, text, nth=0):
        """The nth widget whose name has the translation of text, or None; GTK doubles names."""
        wanted = self.translate(text).replace('_', '')
        for node in walk(self.root):
            name = (node.get_name() or '').replace('_', '')
            if (role is None or node.get_role_name() == role) and wanted in name and \
                    is_usable(node):
                if nth == 0:
                    return node
                nth -= 1
        return None

    def describe(self):
        """What stands in the window, for who has to find out why something does not."""
        names = []
        for node in walk(self.root):
            try:
                if node.get_role_name() == 'label' and is_usable(node):
                    names.append(node.get_name())
            except GLib.Error:
                pass  # it went away while it was looked at
        return ' | '.join(names)

    def find(self, role, text, nth=0, limit_s=LIMIT_S):
        return wait(lambda: self.look(role, text, nth), '{} "{}"'.format(role, text), limit_s)

    def click(self, text, nth=0):
        """Works a little later: wait for what it does."""
        button = self.find('push button', text, nth)
        if button.get_n_actions() == 0:  # a menu button: the one that can be clicked is in it
            button = next(node for node in walk(button) if node.get_n_actions() > 0)
        button.do_action(0)

    def click_for(self, text, role, result):
        """Clicks, and once more where that led nowhere: a button that turns insensitive for a moment
        between the press and the click forgets the press, and a person would press again."""
        self.click(text)
        try:
            return self.find(role, result, limit_s=LIMIT_S / 4)
        except SystemExit:
            if self.look('push button', text):
                self.click(text)
        return self.find(role, result)

    def answer(self, text, nth=0):
        """Clicks a button that closes its dialog."""
        self.click(text, nth)
        time.sleep(CLOSING_S)

    def type_into(self, text, value, nth=0):
        node = self.find('text', text, nth)
        node.set_text_contents(value)

    def wait_for_text(self, text, value):
        """Until the entry of that name says so."""
        def look():
            node = self.look('text', text)
            return node and Atspi.Text.get_text(node, 0, len(value) + 1) == value
        wait(look, '{} to be "{}"'.format(text, value))

    def press(self, key):
        """As the keyboard does: whatever has the focus gets it."""
        subprocess.run(['xdotool', 'key', key], check=True)

    def choose_row(self, text):
        """Goes down a list that has the focus, to the row of that name, and takes it."""
        def go():
            row = self.look('list item', text)
            if row and row.get_state_set().contains(Atspi.StateType.FOCUSED):
                return True
            self.press('Down')
            time.sleep(0.2)
            return False
        wait(go, 'the row "{}" to have the focus'.format(text))
        self.press('Return')

    def toggle(self, text):
        self.find('check box', text).do_action(0)

    def quit(self):
        """The way that comes to the end of main(), where a sanitizer tells what leaked."""
        self.press('ctrl+q')
        assert self.process.wait(60) == 0

    def end(self):
        self.process.terminate()
        return self.process.wait(60)
