"""Resolves each path of stdin below a directory as the kernel does with RESOLVE_IN_ROOT, the last link followed and not,
and prints the time of what it found."""
import ctypes
import errno
import os
import sys

SYS_OPENAT2 = 437
RESOLVE_IN_ROOT = 0x10


class OpenHow(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


libc = ctypes.CDLL(None, use_errno=True)
root = os.open(sys.argv[1], os.O_PATH)


def resolve(path, flags):
    how = OpenHow(os.O_PATH | flags, 0, RESOLVE_IN_ROOT)
    while True:
        found = libc.syscall(SYS_OPENAT2, root, path.encode(), ctypes.byref(how), ctypes.sizeof(how))
        if found >= 0:
            break
        # openat2(2): a `..` while anything on the system is renamed or mounted.
        if ctypes.get_errno() != errno.EAGAIN:
            return "none"
    time = int(os.fstat(found).st_mtime)
    os.close(found)
    return str(time)


for line in sys.stdin:
    path = line.rstrip("\n")
    print(resolve(path, 0), resolve(path, os.O_NOFOLLOW))
