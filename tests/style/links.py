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


# A page of ours that a page mentions: groff writes its dashes as "\\-".
_PAGE = re.compile(r'^\.BR (pg\\-mirror[\w\\-]*) \((\d)\)', re.M)


def mentioned_pages_exist(root):
    for path in sorted((root / 'data' / 'man').glob('*.[1-9]')):
        for name, section in _PAGE.findall(source.read(path)):
            page = '{}.{}'.format(name.replace('\\', ''), section)
            if not (path.parent / page).exists():
                yield '{}: there is no {}'.format(source.name_of(root, path), page)


CHECKS = [links_lead_somewhere, mentioned_pages_exist]
