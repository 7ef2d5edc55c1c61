# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""The layout is what clang-format says, in the version that .clang-format was written for."""

import os
import re
import shutil
import subprocess

import source

VERSION = '14'


def _program():
    """(program or None, what there is instead)"""
    instead = None
    for name in ['clang-format-' + VERSION, 'clang-format']:
        path = shutil.which(name)
        if path is None:
            continue
        text = subprocess.run([path, '--version'], capture_output=True, text=True).stdout
        found = re.search(r'version (\d+)', text)
        if found and found.group(1) == VERSION:
            return path, None
        instead = 'the layout is that of clang-format {}; here is {}'.format(VERSION, text.strip())
    return None, instead


def skip_reason():
    program, instead = _program()
    if program is not None or instead is not None:
        return instead
    return None if os.environ.get('PGM_REQUIRE_STYLE') == '1' else 'clang-format is not installed'


def layout_is_clang_formats(root):
    program, _ = _program()
    if program is None:
        yield 'clang-format is not installed'
        return
    for path in source.find_c(root):
        result = subprocess.run([program, '--dry-run', '-Werror', str(path)], capture_output=True,
                                text=True, cwd=root)
        if result.returncode != 0:
            yield '{}: run clang-format -i on it'.format(source.name_of(root, path))


CHECKS = [layout_is_clang_formats]
