# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""Limits beyond which nobody reads on, and what every file starts with."""

import source

MAX_C_LINES = 1000
MAX_H_LINES = 150
MAX_FUNCTION_LINES = 80
MAX_MAIN_LINES = 60


def files_are_readable(root):
    for path in source.find_c(root):
        limit = MAX_C_LINES if path.suffix == '.c' else MAX_H_LINES
        lines = source.read(path).count('\n')
        if lines > limit:
            yield '{}: {} lines, the limit is {}'.format(source.name_of(root, path), lines, limit)


def functions_are_readable(root):
    for path in source.find_c(root):
        for name, line, lines in source.functions(source.read(path)):
            limit = MAX_MAIN_LINES if name == 'main' else MAX_FUNCTION_LINES
            if lines > limit and not name.endswith('_class_init'):
                yield '{}:{}: {} has {} lines, the limit is {}'.format(
                    source.name_of(root, path), line, name, lines, limit)


def files_name_their_licence(root):
    paths = source.find_c(root) + source.find(root, ['tests', 'build-aux'], {'.py'})
    paths += [path for path, _ in source.find_scripts(root)]
    paths += source.find(root, ['data'], {'.sql'})
    for path in sorted(set(paths)):
        if 'SPDX-License-Identifier: GPL-3.0-or-later' not in source.read(path)[:200]:
            yield '{}: no SPDX line at its start'.format(source.name_of(root, path))


def no_line_comment(root):
    for path in source.find_c(root):
        for line in source.line_comments(source.read(path)):
            yield '{}:{}: // comment'.format(source.name_of(root, path), line)


CHECKS = [files_are_readable, functions_are_readable, files_name_their_licence, no_line_comment]
