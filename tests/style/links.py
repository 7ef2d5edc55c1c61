# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""What the texts for people point to is there."""

import re

import source

_LINK = re.compile(r'\]\(([^)#\s]+)')


def links_lead_somewhere(root):
    paths = sorted(root.glob('*.md')) + source.find(root, ['tests', 'data', 'flatpak'], {'.md'})
    for path in paths:
        for number, line in enumerate(source.read(path).splitlines(), 1):
            for target in _LINK.findall(line):
                if '://' not in target and not (path.parent / target).exists():
                    yield '{}:{}: there is no {}'.format(source.name_of(root, path), number, target)


CHECKS = [links_lead_somewhere]
