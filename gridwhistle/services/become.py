"""A program run as a file of its own: drops to an account, then becomes a server.

A change of account clears the parent-death signal and Python must not run code between fork
and exec, so both happen here, in a process that has no threads yet.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(uid: int, gid: int, parent: int, death_signal: int, command: list[str]) -> None:
    """Replace this process by `command` as the account, signalled when `parent` ends (Linux)."""
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            raise SystemExit("the parent ended before its server started")
    os.execv(command[0], command)


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
