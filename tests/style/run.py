#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
"""run.py MODULE ROOT: the checks of one module as TAP. A complaint is a line of text."""

import importlib
import sys
from pathlib import Path


def main():
    module = importlib.import_module(sys.argv[1])
    root = Path(sys.argv[2]).resolve()
    reason = getattr(module, 'skip_reason', lambda: None)()
    failed = 0

    if reason is not None:
        print('1..0 # SKIP', reason)
        return 0
    print('1..{}'.format(len(module.CHECKS)))
    for number, check in enumerate(module.CHECKS, 1):
        complaints = list(check(root))
        failed += bool(complaints)
        print('{} {} /style/{}/{}'.format('not ok' if complaints else 'ok', number, sys.argv[1],
                                          check.__name__.replace('_', '-')))
        for complaint in complaints:
            print('#', complaint.replace('\n', ' '))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
