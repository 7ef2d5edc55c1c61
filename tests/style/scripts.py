# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""Scripts and JSON files can at least be parsed."""

import json
import os
import subprocess

import source


def shell_parses(root):
    for path, interpreter in source.find_scripts(root):
        if interpreter not in {'sh', 'bash'}:
            continue
        result = subprocess.run([interpreter, '-n', str(path)], capture_output=True, text=True)
        if result.returncode != 0:
            yield '{}: {}'.format(source.name_of(root, path), result.stderr.strip())


def python_parses(root):
    paths = source.find(root, ['tests', 'build-aux'], {'.py'})
    paths += [path for path, program in source.find_scripts(root) if program.startswith('python')]
    for path in sorted(set(paths)):
        try:
            compile(source.read(path), str(path), 'exec')
        except SyntaxError as error:
            yield '{}:{}: {}'.format(source.name_of(root, path), error.lineno, error.msg)


def scripts_can_be_run(root):
    for path, _ in source.find_scripts(root):
        if path.suffix == '' and not os.access(path, os.X_OK):
            yield '{}: not executable'.format(source.name_of(root, path))


def json_parses(root):
    for path in source.find(root, ['data', 'build-aux', 'flatpak'], {'.json'}):
        try:
            json.loads(source.read(path))
        except ValueError as error:
            yield '{}: {}'.format(source.name_of(root, path), error)


CHECKS = [shell_parses, python_parses, scripts_can_be_run, json_parses]
