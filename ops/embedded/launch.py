"""Become another program that does not outlive its parent. Run as a script, never imported by the hub.

    python -I -S launch.py PARENT_PID DEATH_SIGNAL DIRECTORY PROGRAM [ARGUMENT …]

On Linux the kernel sends DEATH_SIGNAL to the program when the parent dies, however it dies; elsewhere nothing of the
kind exists and the program simply starts. A DIRECTORY other than the empty text says that the program refuses to run as
root: root then becomes an unprivileged account that owns this directory. It is a script because the calls below may not
be made between fork and exec of a process with threads; it uses no pathlib because each start waits for its imports.
"""

# ruff: noqa: PTH116, PTH118, PTH123
import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
ORPHANED = 71


def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def in_own_user_namespace(uid: int) -> bool:
    """Appear to ourselves as `uid` while staying the owner of root's files; False where the system forbids it."""
    if libc().unshare(CLONE_NEWUSER) != 0:
        return False
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} 0 1"), ("gid_map", f"{uid} 0 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    return True


def give(directory: str, uid: int) -> None:
    """Make `uid` the owner of the directory and of all that is in it, unless it is already."""
    if os.stat(directory).st_uid == uid:
        return
    for folder, _, names in os.walk(directory):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            os.chown(path, uid, -1, follow_symlinks=False)


def leave_root(directory: str) -> None:
    """Go on as `nobody`: in a user namespace, else by giving up root and handing over the directory."""
    nobody = pwd.getpwnam("nobody")
    owner = os.stat(directory).st_uid
    if hasattr(libc(), "unshare") and owner == 0 and in_own_user_namespace(nobody.pw_uid):
        return
    give(directory, nobody.pw_uid)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def die_with(parent: int, signal_number: int) -> None:
    """Ask the kernel for the signal; end at once when the parent has gone before we could ask."""
    if not sys.platform.startswith("linux"):
        return
    libc().prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        sys.exit(ORPHANED)


def main(arguments: list[str]) -> None:
    """Entry point: never returns, this process becomes the program."""
    parent, signal_number, directory, *command = arguments
    if directory and os.geteuid() == 0:
        leave_root(directory)
    die_with(int(parent), int(signal_number))
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"error: {command[0]} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
