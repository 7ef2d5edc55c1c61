# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""The floors of the house: a file includes only from its own floor or from one below."""

import re

import source

FLOORS = {'base': 0, 'model': 1, 'postgres': 2, 'engine': 3, 'mirror': 4, 'cli': 5, 'app': 5}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
_OUTSIDE = re.compile(r'\b(GSubprocess\w*|g_subprocess_\w+|g_spawn_\w+|PQ[a-z]\w+|PG(?:conn|result))\b'
                      r'|\b(fork|vfork|execl[ep]?|execvp?e?|posix_spawnp?)\s*\(')
_BANNED = re.compile(r'\b(system|popen|g_spawn_command_line_(?:a)?sync|setenv|putenv|g_setenv'
                     r'|strcpy|strcat|stpcpy|sprintf|vsprintf|gets|tmpnam|mktemp)\s*\(')


def _folder(root, path):
    parts = path.relative_to(root).parts
    return parts[1] if parts[0] == 'src' and len(parts) > 2 else None


def _places(root):
    return {path.name: _folder(root, path) for path in source.find(root, ['src'], {'.h'})}


def _numbered(root, path, code, match):
    return '{}:{}'.format(source.name_of(root, path), code.count('\n', 0, match.start()) + 1)


def _is_refused(here, there):
    if here not in FLOORS or there not in FLOORS or here == there:
        return False
    return FLOORS[there] >= FLOORS[here]


def includes_point_down(root):
    places = _places(root)
    for path in source.find(root, ['src'], {'.c', '.h'}):
        code = source.read(path)
        here = _folder(root, path)
        for match in _INCLUDE.finditer(code):
            there = places.get(match.group(2).split('/')[-1])
            if _is_refused(here, there):
                yield '{}: "{}" is of {}, above or beside {}'.format(
                    _numbered(root, path, code, match), match.group(2), there, here)


def folders_are_known(root):
    for path in source.find(root, ['src'], {'.c', '.h'}):
        if _folder(root, path) not in FLOORS:
            yield '{}: in no folder that has a floor'.format(source.name_of(root, path))


def outside_world_is_in_postgres(root):
    for path in source.find(root, ['src'], {'.c', '.h'}):
        if _folder(root, path) == 'postgres':
            continue
        code = source.read(path)
        for match in _INCLUDE.finditer(code):
            if match.group(2).split('/')[-1] in {'libpq-fe.h', 'libpq-events.h', 'postgres_ext.h'}:
                yield '{}: libpq outside src/postgres'.format(_numbered(root, path, code, match))
        bare = source.strip(code)
        for match in _OUTSIDE.finditer(bare):
            yield '{}: {} outside src/postgres'.format(
                _numbered(root, path, bare, match), match.group().rstrip('( '))


def no_banned_function(root):
    for path in source.find(root, ['src'], {'.c', '.h'}):
        bare = source.strip(source.read(path))
        for match in _BANNED.finditer(bare):
            yield '{}: {} is banned'.format(_numbered(root, path, bare, match), match.group(1))


CHECKS = [includes_point_down, folders_are_known, outside_world_is_in_postgres, no_banned_function]
