# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""What the checks know about files and about C: enough to look at code without its comments."""

import re
from pathlib import Path

# Comment, string or character: whichever starts first wins, so a "//" in a string is no comment.
_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def read(path):
    return Path(path).read_text(encoding='utf-8')


def find(root, folders, suffixes):
    """All files below root/FOLDER with one of the suffixes, sorted; no build folders."""
    found = []
    for folder in folders:
        for path in (Path(root) / folder).rglob('*'):
            parts = path.relative_to(root).parts
            hidden = any(part.startswith('_build') or part == '__pycache__' for part in parts)
            if path.is_file() and path.suffix in suffixes and not hidden:
                found.append(path)
    return sorted(found)


def find_c(root):
    return find(root, ['src', 'tests'], {'.c', '.h'})


def find_scripts(root):
    """(path, interpreter) of every file that starts with #!, and of the shell code they include."""
    found = []
    for folder in ['build-aux', '.ci', 'tests', 'data', 'flatpak']:
        for path in sorted((Path(root) / folder).rglob('*')):
            if not path.is_file() or path.suffix in {'.c', '.h', '.sql'}:
                continue
            with path.open('rb') as stream:
                first = stream.readline(200)
            if first.startswith(b'#!'):
                found.append((path, first.split()[-1].rsplit(b'/')[-1].decode()))
            elif path.suffix == '.sh':
                found.append((path, 'bash'))
    return found


def name_of(root, path):
    return Path(path).relative_to(root).as_posix()


def _blank(match):
    text = match.group()
    if text[0] in '"\'':
        return text[0] * 2
    return ' ' + '\n' * text.count('\n')


def strip(code):
    """The code without comments and without what its strings say; lines keep their numbers."""
    return _TOKEN.sub(_blank, code)


def line_comments(code):
    """Line numbers of // comments."""
    return [code.count('\n', 0, match.start()) + 1
            for match in _TOKEN.finditer(code) if match.group().startswith('//')]


def functions(code):
    """(name, line, body lines) of each function, in the layout that clang-format gives."""
    lines = strip(code).split('\n')
    name = start = None
    for number, line in enumerate(lines):
        head = re.match(r'([A-Za-z_]\w*)\s*\(', line)
        if head:
            name = head.group(1)
        elif line == '{':
            start = number
        elif line.startswith('}'):
            if line == '}' and name is not None and start is not None:
                yield name, start + 1, number - start - 1
            name = start = None
