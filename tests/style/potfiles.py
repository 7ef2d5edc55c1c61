# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""po/POTFILES lists what has text for users, sorted, and nothing else."""

import re
from pathlib import Path

import source

_MARKS = {
    '.c': re.compile(r'^#include <glib/gi18n(-lib)?\.h>', re.M),
    '.h': re.compile(r'\b(N?C?_|ngettext) ?\("'),
    '.ui': re.compile(r'translatable="(yes|true)"'),
}


def wanted(root):
    found = []
    for path in source.find(root, ['src'], set(_MARKS)):
        if _MARKS[path.suffix].search(source.read(path)):
            found.append(source.name_of(root, path))
    for path in source.find(root, ['data'], {'.in'}):
        if path.name.endswith(('.desktop.in', '.metainfo.xml.in', '.gschema.xml.in')):
            found.append(source.name_of(root, path))
    return sorted(found)


def potfiles_is_complete(root):
    path = Path(root) / 'po' / 'POTFILES'
    listed = source.read(path).split() if path.exists() else []
    expected = wanted(root)
    for name in sorted(set(expected) - set(listed)):
        yield 'po/POTFILES: {} is missing (build-aux/update-potfiles)'.format(name)
    for name in sorted(set(listed) - set(expected)):
        yield 'po/POTFILES: {} does not belong there (build-aux/update-potfiles)'.format(name)
    if listed != sorted(set(listed)):
        yield 'po/POTFILES: not sorted (build-aux/update-potfiles)'


CHECKS = [potfiles_is_complete]
