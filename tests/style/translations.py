# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""Every language that is built has a file without fault: placeholders as in the source, nothing
fuzzy, nothing left empty. What the source has beyond that is build-aux/update-po's to say."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import source


def skip_reason():
    return None if shutil.which('msgfmt') else 'gettext is not installed'


def _languages(root):
    text = source.read(Path(root) / 'po' / 'LINGUAS')
    return [word for line in text.splitlines() for word in line.split('#')[0].split()]


def languages_have_files(root):
    folder = Path(root) / 'po'
    listed = set(_languages(root))
    there = {path.stem for path in folder.glob('*.po')}
    for name in sorted(listed ^ there):
        yield 'po: "{}" is only in LINGUAS or only a file'.format(name)


def translations_are_sound(root):
    for path in sorted((Path(root) / 'po').glob('*.po')):
        result = subprocess.run(['msgfmt', '-c', '--statistics', '-o', '/dev/null', str(path)],
                                capture_output=True, text=True,
                                env={**os.environ, 'LC_ALL': 'C'})
        name = source.name_of(root, path)
        if result.returncode != 0:
            yield '{}: {}'.format(name, result.stderr.strip().splitlines()[0])
        elif re.search('fuzzy|untranslated', result.stderr):
            yield '{}: {}'.format(name, result.stderr.strip().splitlines()[-1])


CHECKS = [languages_have_files, translations_are_sound]
