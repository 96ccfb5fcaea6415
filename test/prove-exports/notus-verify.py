"""What Greenbone's own verifier says of each file: notus-verify.py FOLDER GNUPGHOME."""
import sys
from pathlib import Path

from gnupg import GPG
from notus.scanner.loader.gpg_sha_verifier import ReloadConfiguration, create_verify, reload_sha256sums


class NoSignature(Exception):
    pass


def refuse(_):
    raise NoSignature


folder = Path(sys.argv[1])
sums = reload_sha256sums(
    ReloadConfiguration(
        hash_file=folder / "sha256sums",
        on_verification_failure=refuse,
        gpg=GPG(gnupghome=sys.argv[2]),
    )
)
try:
    for path in sorted(folder.glob("*.notus")):
        print(path.name, create_verify(sums)(path).name)
except NoSignature:
    print("no good signature")
