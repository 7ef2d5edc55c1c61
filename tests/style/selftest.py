#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""A check that cannot fail is worth nothing: each one is fed a tree in which it must complain,
and the same tree without the fault, in which it must not."""

import sys
import tempfile
from pathlib import Path

import formatting
import layers
import links
import potfiles
import scripts
import sizes
import translations

SPDX = '/* SPDX-License-Identifier: GPL-3.0-or-later\n * Copyright The PG Mirror authors */\n'
I18N = '#include <glib/gi18n-lib.h>\n'
CONFIG = (Path(__file__).resolve().parents[2] / '.clang-format').read_text()

PO_HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
PO = PO_HEAD + '#, c-format\nmsgid "one %s"\nmsgstr "{}"\n'


def function(name, lines):
    return 'void\n{} (void)\n{{\n{}}}\n'.format(name, '  f ();\n' * lines)


# check, good tree, fault (files that replace or join the good ones; None removes)
CASES = [
    (layers.includes_point_down,
     {'src/base/a.h': '', 'src/model/m.h': '', 'src/model/m.c': '#include "a.h"\n'},
     {'src/base/a.c': '#include "m.h"\n'}),
    (layers.includes_point_down,
     {'src/cli/c.h': '', 'src/app/a.h': '', 'src/cli/c.c': '#include "c.h"\n'},
     {'src/cli/c.c': '# include "../app/a.h"\n'}),
    (layers.includes_point_down,
     {'src/mirror/m.h': '', 'src/engine/e.c': ''},
     {'src/engine/e.c': '#include <m.h>\n'}),
    (links.links_lead_somewhere,
     {'README.md': '[a](src/a.c), [b](https://example.org/b)', 'src/a.c': ''},
     {'README.md': '[a](src/gone.c)'}),
    (links.mentioned_pages_exist,
     {'data/man/pg-mirror.1': '.BR pg\\-mirror\\-cli (1),\n.BR psql (1)\n',
      'data/man/pg-mirror-cli.1': ''},
     {'data/man/pg-mirror.1': '.BR pg\\-mirror\\-gui (1)\n'}),
    (layers.folders_are_known, {'src/base/a.c': ''}, {'src/cellar/a.c': ''}),
    (layers.outside_world_is_in_postgres,
     {'src/postgres/c.c': '#include <libpq-fe.h>\nGSubprocess *p;\n', 'src/cli/a.c': ''},
     {'src/cli/a.c': '#include <libpq-fe.h>\n'}),
    (layers.outside_world_is_in_postgres,
     {'src/mirror/a.c': '/* GSubprocess */ char *s = "GSubprocess"; PgmSubprocess *p;\n'},
     {'src/mirror/a.c': 'g_autoptr (GSubprocess) p = NULL;\n'}),
    (layers.outside_world_is_in_postgres,
     {'src/engine/a.c': 'g_fork_count (1);\n'}, {'src/engine/a.c': 'pid = fork ();\n'}),
    (layers.no_banned_function,
     {'src/base/a.c': 'g_subprocess_launcher_setenv (l); x = my_system (1); /* system (1) */\n'},
     {'src/base/a.c': '  system ("ls");\n'}),
    (layers.no_banned_function,
     {'src/base/a.c': 's = "strcpy (a, b)"; g_snprintf (a, 1, b);\n'},
     {'src/base/a.c': 's = "/*"; strcpy (a, b); t = "*/";\n'}),
    (layers.no_banned_function, {'src/app/a.c': ''}, {'src/app/a.c': 'g_setenv ("A", "b", 1);\n'}),
    (sizes.files_are_readable,
     {'src/base/a.c': 'x\n' * 1000, 'src/base/a.h': 'x\n' * 150}, {'src/base/a.c': 'x\n' * 1001}),
    (sizes.files_are_readable, {'src/base/a.h': 'x\n' * 150}, {'src/base/a.h': 'x\n' * 151}),
    (sizes.functions_are_readable,
     {'src/base/a.c': function('f', 80) + function('main', 60) + function('x_class_init', 200)
      + 'static int table[] =\n{\n' + '  1,\n' * 200 + '};\n'},
     {'tests/a.c': function('f', 81)}),
    (sizes.functions_are_readable, {'src/cli/a.c': ''}, {'src/cli/a.c': function('main', 61)}),
    (sizes.files_name_their_licence,
     {'src/base/a.c': SPDX}, {'src/base/b.h': '#pragma once\n'}),
    (sizes.files_name_their_licence,
     {'build-aux/a': '#!/bin/bash\n# SPDX-License-Identifier: GPL-3.0-or-later\n'},
     {'build-aux/a': '#!/bin/bash\n'}),
    (sizes.no_line_comment,
     {'src/base/a.c': 'u = "http://x"; c = \'"\'; /* // */\n'}, {'src/base/a.c': 'f (); // no\n'}),
    (potfiles.potfiles_is_complete,
     {'src/base/a.c': I18N, 'src/base/b.c': '', 'po/POTFILES': 'src/base/a.c\n'},
     {'src/base/b.c': I18N}),
    (potfiles.potfiles_is_complete,
     {'src/base/a.c': I18N, 'po/POTFILES': 'src/base/a.c\n'}, {'src/base/a.c': ''}),
    (potfiles.potfiles_is_complete,
     {'src/a/a.c': I18N, 'src/b/b.c': I18N, 'po/POTFILES': 'src/a/a.c\nsrc/b/b.c\n'},
     {'po/POTFILES': 'src/b/b.c\nsrc/a/a.c\n'}),
    (potfiles.potfiles_is_complete,
     {'src/cli/a.h': 'G_BEGIN_DECLS /* N_() */\n', 'po/POTFILES': ''},
     {'src/cli/a.h': '#define A N_("Config file")\n'}),
    (potfiles.potfiles_is_complete,
     {'src/app/a.ui': '<property translatable="no">', 'po/POTFILES': ''},
     {'src/app/a.ui': '<property translatable="yes">'}),
    (scripts.shell_parses,
     {'build-aux/a': '#!/usr/bin/env bash\ntrue\n'}, {'build-aux/lib.sh': 'if true; then\n'}),
    (scripts.python_parses, {'tests/a.py': 'x = 1\n'}, {'tests/a.py': 'x = = 1\n'}),
    (scripts.scripts_can_be_run, {'build-aux/a': '#!/bin/bash\n'}, {'build-aux/b': '#!/bin/bash\n'}),
    (scripts.json_parses, {'data/a.json': '{}'}, {'data/a.json': '{,}'}),
    (translations.languages_have_files,
     {'po/LINGUAS': '# one a line\nxx\n', 'po/xx.po': ''}, {'po/yy.po': ''}),
    (translations.translations_are_sound,
     {'po/xx.po': PO.format('eins %s')}, {'po/xx.po': PO.format('')}),
    (translations.translations_are_sound,
     {'po/xx.po': PO.format('eins %s')}, {'po/xx.po': PO.format('eins %d')}),
    (formatting.layout_is_clang_formats,
     {'src/base/a.c': 'int a;\n', '.clang-format': CONFIG}, {'src/base/a.c': 'int  a ;\n'}),
]


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if path.name == 'a' else 0o644)


def judge(check, good, fault):
    """None, or what is wrong with the check."""
    with tempfile.TemporaryDirectory(prefix='pgm-style-') as folder:
        root = Path(folder).resolve()
        write(root, good)
        complaints = list(check(root))
        if complaints:
            return 'complains about a good tree: ' + complaints[0]
        write(root, fault)
        return None if list(check(root)) else 'did not find the fault'


def untested():
    tested = {check for check, _, _ in CASES}
    modules = [formatting, layers, links, potfiles, scripts, sizes, translations]
    return [check.__name__ for module in modules for check in module.CHECKS if check not in tested]


def main():
    failed = len(untested())
    print('1..{}'.format(len(CASES) + 1))
    for number, (check, good, fault) in enumerate(CASES, 1):
        title = '{} /style/selftest/{}-{}'.format(number, check.__name__.replace('_', '-'), number)
        if check.__module__ == 'formatting' and formatting.skip_reason() is not None:
            print('ok', title, '# SKIP', formatting.skip_reason())
            continue
        wrong = judge(check, good, fault)
        print('not ok' if wrong else 'ok', title)
        if wrong:
            print('#', wrong)
            failed += 1
    print('not ok' if untested() else 'ok', len(CASES) + 1, '/style/selftest/covers-every-check')
    for name in untested():
        print('# no case for', name)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
