"""Repositories by python-tuf, one for each rule of a client's workflow (TUF 1.0, sections 4 to 6), and what python-tuf's client
makes of them: `cases.py write OUT` and `cases.py judge IN`, where a case is a folder with case.json and the steps' content."""

import datetime
import json
import os
import shutil
import sys
import tempfile

from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api import exceptions
from tuf.api.metadata import (
    DelegatedRole, Delegations, Key, MetaFile, Metadata, Root, Snapshot, SuccinctRoles, TargetFile, Targets, Timestamp)
from tuf.api.serialization.json import JSONSerializer
from tuf.ngclient import FetcherInterface, Updater

START = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)
TOP = ["timestamp", "snapshot", "targets"]
ROLE = "debian-12"
FILE = ROLE + "/manifest.json"


def day(number):
    return START + datetime.timedelta(days=number)


class Repository:
    """What a server has, and the keys that sign it. Content changes when it is published, and a test's client sees steps."""

    def __init__(self):
        self.files = {}
        self.steps = []
        self.expires = day(300)
        self.signers = {role: [CryptoSigner.generate_ed25519()] for role in ["root", *TOP, ROLE]}
        self.root = Root(1, None, self.expires, consistent_snapshot=True)
        for role in ["root", *TOP]:
            self.root.add_key(self.signers[role][0].public_key, role)
        key = self.signers[ROLE][0].public_key
        delegated = DelegatedRole(ROLE, [key.keyid], 1, True, paths=[ROLE + "/*"])
        self.roles = {
            "timestamp": Timestamp(1, None, self.expires, MetaFile(1)),
            "snapshot": Snapshot(1, None, self.expires, {}),
            "targets": Targets(1, None, self.expires, {}, Delegations({key.keyid: key}, {ROLE: delegated})),
            ROLE: Targets(1, None, self.expires),
        }
        for signed in [self.root, *self.roles.values()]:
            signed.version = 0
        self.hashes = False
        self.target(ROLE, FILE, b"the first content")
        self.publish("root", ROLE, "targets")
        self.first_root = self.files["metadata/1.root.json"]

    def target(self, role, path, content, algorithms=("sha256",)):
        info = TargetFile.from_data(path, content, list(algorithms))
        self.roles[role].targets[path] = info
        folder, _, name = path.rpartition("/")
        for digest in info.hashes.values():
            self.files[os.path.join("targets", folder, digest + "." + name)] = content

    def signed(self, signed, role, signers=None):
        metadata = Metadata(signed)
        for signer in self.signers[role] if signers is None else signers:
            metadata.sign(signer, append=True)
        return metadata.to_bytes(JSONSerializer())

    def publish(self, *names, signers=None):
        """New versions of these roles, and of snapshot and timestamp, which name them; `signers`: of each name."""
        signers = signers or {}
        if "root" in names:
            self.root.version += 1
            self.put("root", self.root, signers.get("root"))
        targets = [name for name in names if name not in ("root", "timestamp", "snapshot")]
        for name in targets:
            self.roles[name].version += 1
            body = self.put(name, self.roles[name], signers.get(name))
            self.roles["snapshot"].meta[name + ".json"] = self.meta(self.roles[name].version, body)
        if targets or "snapshot" in names:
            snapshot = self.roles["snapshot"]
            snapshot.version += 1
            body = self.put("snapshot", snapshot, signers.get("snapshot"))
            self.roles["timestamp"].snapshot_meta = self.meta(snapshot.version, body)
        if targets or "snapshot" in names or "timestamp" in names:
            self.roles["timestamp"].version += 1
            self.put("timestamp", self.roles["timestamp"], signers.get("timestamp"))

    def meta(self, version, body):
        return MetaFile.from_data(version, body, ["sha256", "sha512"]) if self.hashes else MetaFile(version)

    def path(self, role, version=None):
        if role == "timestamp":
            return "metadata/timestamp.json"
        version = version or (self.root if role == "root" else self.roles[role]).version
        return "metadata/%d.%s.json" % (version, role)

    def put(self, role, signed, signers=None, path=None):
        body = self.signed(signed, role, signers)
        self.files[path or self.path(role)] = body
        return body

    def rotate(self, role):
        """Another key for a role of the root, which is to be published."""
        self.root.revoke_key(self.signers[role][0].public_key.keyid, role)
        self.signers[role] = [CryptoSigner.generate_ed25519()]
        self.root.add_key(self.signers[role][0].public_key, role)

    def sees(self, accepted, target=None, on=0):
        """A client comes: refreshes, or downloads a target; `accepted`: without an error."""
        self.steps.append((dict(self.files), {"accepted": accepted, "target": target, "day": on}))


CASES = []


def case(name, gap=None, otherwise=None):
    """`gap`: a scapfeed client refuses the last step, and why. `otherwise`: python-tuf 5.1 decides otherwise there, and why."""
    def add(function):
        CASES.append((name, gap, otherwise, function))
        return function
    return add


def start(function):
    """The client has seen the repository as it was."""
    def run(repository):
        repository.sees(True)
        function(repository)
    return run


# 4. Formats

@case("4.1 members that the specification does not define are signed too")
@start
def _(r):
    r.root.unrecognized_fields["x-own"] = {"b": [1, None, True], "a": "\u00e9\\\""}
    next(iter(r.root.keys.values())).unrecognized_fields["x-owner"] = "@somebody"
    r.root.roles["timestamp"].unrecognized_fields["x-period"] = 7
    r.roles["timestamp"].unrecognized_fields["x-own"] = "value"
    r.publish("root", "timestamp")
    r.sees(True)


def keys_of(generate):
    def run(r):
        for role in ["root", *TOP]:
            old = list(r.signers[role])
            r.root.revoke_key(old[0].public_key.keyid, role)
            r.signers[role] = [generate()]
            r.root.add_key(r.signers[role][0].public_key, role)
            if role == "root":
                r.before = old
        r.signers[ROLE] = [generate()]
        key = r.signers[ROLE][0].public_key
        r.roles["targets"].delegations.keys = {key.keyid: key}
        r.roles["targets"].delegations.roles[ROLE].keyids = [key.keyid]
        r.publish("root", ROLE, "targets", signers={"root": r.before + r.signers["root"]})
        r.sees(True, FILE)
    return start(run)


case("4.2 keys: ed25519")(keys_of(CryptoSigner.generate_ed25519))
case("4.2 keys: ecdsa-sha2-nistp256")(keys_of(CryptoSigner.generate_ecdsa))
case("4.2 keys: rsassa-pss-sha256")(keys_of(CryptoSigner.generate_rsa))


UNKNOWN = "it reads no document with a key of a type that it does not know"


@case("4.2 keys: one of an unknown type beside a good one", otherwise=UNKNOWN)
@start
def _(r):
    r.root.add_key(SSlibKey("ab" * 32, "future", "future-sign", {"public": "cd" * 32}), "timestamp")
    r.publish("root", "timestamp")
    r.sees(True)


@case("4.2 keys: one of an unknown type alone", otherwise=UNKNOWN)
@start
def _(r):
    r.root.roles["timestamp"].keyids = []
    r.root.add_key(SSlibKey("ab" * 32, "future", "future-sign", {"public": "cd" * 32}), "timestamp")
    r.publish("root", "timestamp")
    r.sees(False)


@case("4.2 keys: a hash algorithm of key ids that is wrong is not looked at")
@start
def _(r):
    keyid = r.root.roles["timestamp"].keyids[0]
    r.root.keys[keyid].unrecognized_fields["keyid_hash_algorithms"] = ["md5"]
    r.publish("root", "timestamp")
    r.sees(True)


# 5.3 Root

@case("5.3.3 roots are followed one by one to the last")
@start
def _(r):
    for _ in range(4):
        old = list(r.signers["root"])
        r.rotate("root")
        r.publish("root", signers={"root": old + r.signers["root"]})
    r.publish("timestamp")
    r.sees(True)


@case("5.3.3 a root that a version is missing before is not seen")
@start
def _(r):
    r.publish("root")
    del r.files[r.path("root")]
    r.rotate("timestamp")
    r.publish("root", "timestamp")
    r.sees(False)


def roots(name, accepted, *versions):
    """Versions of the root after the first: keys, threshold, signers, as numbers of keys."""
    @case("5.3.4 threshold of the root: " + name)
    def _(r):
        signers = [CryptoSigner.generate_ed25519() for _ in range(10)]
        r.files = {path: body for path, body in r.files.items() if not path.endswith(".root.json")}
        r.root.version = 0
        for at, (keys, threshold, signing) in enumerate(versions):
            r.root.roles["root"].keyids = []
            r.root.roles["root"].threshold = threshold
            for key in keys:
                r.root.add_key(signers[key].public_key, "root")
            r.publish("root", signers={"root": [signers[key] for key in signing]})
            if at == 0:
                r.first_root = r.files[r.path("root")]
        r.sees(accepted)


roots("1 of 1 replaced", True, ([1], 1, [1]), ([2], 1, [2, 1]), ([2], 1, [2]))
roots("signatures of other keys are not looked at", True, ([1], 1, [3, 1, 4]), ([2], 1, [3, 2, 1, 4]), ([2], 1, [3, 2]))
roots("3 of 5, signed by others each time", True,
      ([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 2, 3, 4], 3, [0, 1, 4]), ([0, 1, 2, 3, 4], 3, [1, 2, 3]))
roots("3 of 5, one replaced", True, ([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 1, 4]))
roots("3 of 5, all replaced by a root between", True,
      ([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7]), ([5, 6, 7, 8, 9], 3, [5, 6, 7]))
roots("raised from 1 to 2", True, ([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [1, 2]))
roots("lowered from 2 to 1", True, ([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1, 2]), ([1, 2, 3], 1, [1]))
roots("not signed by the old key", False, ([1], 1, [1]), ([2], 1, [2, 3]))
roots("not signed by the new key", False, ([1], 1, [1]), ([2], 1, [1, 3]))
roots("2 of 3 old keys", False, ([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 4, 5]))
roots("2 of 3 new keys", False, ([0, 1, 2, 3, 4], 3, [0, 2, 4]), ([0, 1, 3, 4, 5], 3, [0, 2, 4]))
roots("raised, and not reached", False, ([1, 2, 3], 1, [1]), ([1, 2, 3], 2, [2]))
roots("lowered, and the old one not reached", False, ([1, 2, 3], 2, [1, 2]), ([1, 2, 3], 1, [1]))


def stands_for(number, wrong):
    def run(r):
        r.publish("root")
        path = r.path("root")
        r.root.version = wrong
        r.put("root", r.root, path=path)
        r.sees(False)
    return start(run)


case("5.3.5 version: the next root is of an earlier version")(stands_for(2, 1))
case("5.3.5 version: the next root is of a later version")(stands_for(2, 3))


@case("5.3.5 the next root is another role's document")
@start
def _(r):
    r.files["metadata/2.root.json"] = r.files[r.path("targets")]
    r.sees(False)


@case("5.3.8 an expired root is kept, and nothing under it accepted")
@start
def _(r):
    r.publish("root")
    r.root.expires = day(-1)
    r.publish("root", "targets")
    r.sees(False)


@case("5.3.8 an expired root between two is no hindrance")
@start
def _(r):
    r.root.expires = day(-1)
    r.publish("root")
    r.root.expires = day(300)
    r.publish("root", "timestamp")
    r.sees(True)


@case("5.3.11 fast-forward of the timestamp ends with new keys")
@start
def _(r):
    r.roles["timestamp"].version = 2_000_000
    r.publish("timestamp")
    r.sees(True)
    r.rotate("timestamp")
    r.roles["timestamp"].version = 1
    r.publish("root", "timestamp")
    r.sees(True)


@case("5.3.11 fast-forward of the snapshot ends with new keys")
@start
def _(r):
    r.roles["snapshot"].version = 99_999
    r.publish("snapshot")
    r.sees(True)
    r.rotate("timestamp")
    r.rotate("snapshot")
    r.roles["snapshot"].version = 2
    r.publish("root", "snapshot")
    r.sees(True)


@case("5.3.11 fast-forward of the targets ends with a new key of the snapshot")
@start
def _(r):
    r.roles["targets"].version = 99
    r.publish("targets")
    r.sees(True)
    r.rotate("snapshot")
    r.roles["targets"].version = 4
    r.publish("root", "targets")
    r.sees(True)


@case("5.3.11 a new key of the timestamp alone does not lower the snapshot")
@start
def _(r):
    r.roles["snapshot"].version = 99
    r.publish("snapshot")
    r.sees(True)
    r.rotate("snapshot")
    r.roles["snapshot"].version = 2
    r.publish("root", "snapshot")
    r.sees(False)


# 5.4 to 5.6: what is alike in all roles

def all_roles(title, accepted, change, names=(*TOP, ROLE)):
    for name in names:
        def run(r, name=name):
            change(r, name)
            r.sees(accepted, FILE)
        section = {"timestamp": "5.4", "snapshot": "5.5", "targets": "5.6", ROLE: "5.6.7"}[name]
        label = "a delegated role" if name == ROLE else name
        case("%s %s: %s" % (section, label, title))(start(run))


def foreign(r, name):
    r.publish(name, signers={name: [CryptoSigner.generate_ed25519()]})


def unsigned(r, name):
    r.publish(name, signers={name: []})


def other_role(r, name):
    r.publish(name, signers={name: r.signers["targets" if name == ROLE else ROLE]})


def expired(r, name):
    r.roles[name].expires = day(-1)
    r.publish(name)


def broken(r, name):
    r.publish(name)
    r.files[r.path(name)] = r.files[r.path(name)][:-20]


def changed(r, name):
    """The version that was signed, with another date."""
    r.publish(name)
    r.files[r.path(name)] = r.files[r.path(name)].replace(b"2027-", b"2028-")


def missing(r, name):
    r.publish(name)
    del r.files[r.path(name)]


def other_kind(r, name):
    r.publish(name)
    r.files[r.path(name)] = r.files["metadata/1.root.json"]


def endless(r, name):
    r.publish(name)
    r.files[r.path(name)] += b" " * {"timestamp": 16_384, "snapshot": 2_000_000}.get(name, 5_000_000)


def threshold(count, accepted, duplicate=False):
    def change(r, name):
        extra = [CryptoSigner.generate_ed25519() for _ in range(2)]
        if name == ROLE:
            for signer in extra:
                r.roles["targets"].add_key(signer.public_key, ROLE)
            r.roles["targets"].delegations.roles[ROLE].threshold = 3
            r.publish("targets", ROLE, signers={ROLE: (r.signers[ROLE] + extra)[:count]})
            return
        for signer in extra:
            r.root.add_key(signer.public_key, name)
        r.root.roles[name].threshold = 3
        r.publish("root", name, signers={name: (r.signers[name] + extra)[:count]})
    return change


def twice(r, name):
    """One key under two ids, and a threshold of two."""
    key = r.signers[name][0].public_key
    again = SSlibKey("ab" * 32, key.keytype, key.scheme, dict(key.keyval))
    double = CryptoSigner(r.signers[name][0]._private_key, again)
    if name == ROLE:
        r.roles["targets"].add_key(again, ROLE)
        r.roles["targets"].delegations.roles[ROLE].threshold = 2
        r.publish("targets", ROLE, signers={ROLE: [*r.signers[ROLE], double]})
        return
    r.root.add_key(again, name)
    r.root.roles[name].threshold = 2
    r.publish("root", name, signers={name: [*r.signers[name], double]})


def replaced(r, name):
    if name == ROLE:
        r.roles["targets"].revoke_key(r.signers[ROLE][0].public_key.keyid, ROLE)
        r.signers[ROLE] = [CryptoSigner.generate_ed25519()]
        r.roles["targets"].add_key(r.signers[ROLE][0].public_key, ROLE)
        r.publish("targets", ROLE)
        return
    r.rotate(name)
    r.publish("root", name)


def revoked(r, name):
    old = r.signers[name]
    if name == ROLE:
        replaced(r, name)
        r.publish(ROLE, signers={ROLE: old})
        return
    r.rotate(name)
    r.publish("root", name, signers={name: old})


all_roles("signed by an unknown key", False, foreign)
all_roles("not signed", False, unsigned)
all_roles("signed by the key of another role", False, other_role)
all_roles("expired", False, expired)
all_roles("cut", False, broken)
all_roles("changed after it was signed", False, changed)
all_roles("missing", False, missing)
all_roles("the document of another role", False, other_kind)
all_roles("longer than a client reads", False, endless)
all_roles("3 of 3 signatures", True, threshold(3, True))
all_roles("2 of 3 signatures", False, threshold(2, False))
all_roles("by a key that took the place of another", True, replaced)
all_roles("by a key that was revoked", False, revoked)


# 5.4 Timestamp

@case("5.4.3.1 rollback of the timestamp")
@start
def _(r):
    old = r.files[r.path("timestamp")]
    r.publish("timestamp")
    r.sees(True)
    r.files[r.path("timestamp")] = old
    r.sees(False)


@case("5.4.3.1 a timestamp of the same version with other content is not taken")
@start
def _(r):
    r.roles["timestamp"].snapshot_meta = MetaFile(100)
    r.put("timestamp", r.roles["timestamp"])
    r.sees(True)


@case("5.4.3.2 rollback of the snapshot in the timestamp")
@start
def _(r):
    r.publish("snapshot")
    r.sees(True)
    r.roles["timestamp"].snapshot_meta = MetaFile(1)
    r.publish("timestamp")
    r.sees(False)


@case("5.4.4 freeze: the timestamp that a client has expires")
def _(r):
    r.roles["timestamp"].expires = day(7)
    r.publish("timestamp")
    r.sees(True)
    r.sees(False, on=8)


@case("5.4.4 an expired timestamp that a client has still bounds the next")
def _(r):
    old = r.files[r.path("timestamp")]
    r.roles["timestamp"].expires = day(7)
    r.publish("timestamp")
    r.sees(True)
    new = r.files[r.path("timestamp")]
    r.files[r.path("timestamp")] = old
    r.sees(False, on=18)
    r.files[r.path("timestamp")] = new
    r.roles["timestamp"].expires = day(21)
    r.publish("targets")
    r.sees(True, on=18)


# 5.5 Snapshot

def hashed(change, accepted=False):
    def run(r):
        r.hashes = True
        r.publish("targets", ROLE)
        r.sees(True, FILE)
        r.publish("targets", ROLE)
        change(r)
        r.sees(accepted, FILE)
    return run


def same_version(name):
    """Signed well, and not what is named."""
    def change(r):
        r.roles[name].unrecognized_fields["x-own"] = "other content"
        r.put(name, r.roles[name])
    return change


case("5.5.2 hashes: the snapshot that the timestamp names")(hashed(lambda r: None, True))
case("5.5.2 hashes: another snapshot of the version that the timestamp names")(hashed(same_version("snapshot")))
case("5.6.2 hashes: other targets of the version that the snapshot names")(hashed(same_version("targets")))
case("5.6.2 hashes: another delegated role of the version that the snapshot names")(hashed(same_version(ROLE)))


def one_algorithm(algorithm, wrong):
    def change(r):
        body = r.files[r.path("snapshot")]
        meta = MetaFile.from_data(r.roles["snapshot"].version, body, ["sha256", "sha512"])
        hashes = {name: digest for name, digest in meta.hashes.items() if name == algorithm or wrong}
        if wrong:
            hashes[algorithm] = "0" * len(hashes[algorithm])
        r.roles["timestamp"].snapshot_meta = MetaFile(r.roles["snapshot"].version, len(body), hashes)
        r.publish("timestamp")
    return change


case("5.5.2 hashes: sha512 alone")(hashed(one_algorithm("sha512", False), True))
case("5.5.2 hashes: sha512 wrong beside a good sha256")(hashed(one_algorithm("sha512", True)))
case("5.5.2 hashes: sha256 wrong beside a good sha512")(hashed(one_algorithm("sha256", True)))


@case("5.5.2 length: the snapshot is longer than the timestamp says")
@start
def _(r):
    r.publish("snapshot")
    r.roles["timestamp"].snapshot_meta = MetaFile(r.roles["snapshot"].version, 20)
    r.publish("timestamp")
    r.sees(False)


@case("5.5.4 mix and match: the snapshot has another version than the timestamp names")
@start
def _(r):
    r.publish("snapshot")
    path = r.path("snapshot")
    r.roles["snapshot"].version += 1
    r.put("snapshot", r.roles["snapshot"], path=path)
    r.sees(False)


@case("5.5.5 rollback of the targets in the snapshot")
@start
def _(r):
    r.publish("targets")
    r.sees(True)
    r.roles["snapshot"].meta["targets.json"] = MetaFile(1)
    r.publish("snapshot")
    r.sees(False)


@case("5.5.5 rollback of the targets in the snapshot, with hashes")
def _(r):
    r.hashes = True
    r.publish("targets")
    r.sees(True)
    r.publish("targets")
    r.sees(True)
    r.roles["targets"].version = 1
    r.publish("targets")
    r.sees(False)


@case("5.5.5 rollback of a delegated role in the snapshot")
@start
def _(r):
    r.publish(ROLE)
    r.sees(True, FILE)
    r.roles["snapshot"].meta[ROLE + ".json"] = MetaFile(1)
    r.publish("snapshot")
    r.sees(False)


@case("5.5.5 a role that the snapshot named is missing in the next one")
@start
def _(r):
    del r.roles["snapshot"].meta[ROLE + ".json"]
    r.publish("snapshot")
    r.sees(False)


@case("5.5.5 a snapshot that expired at the client still bounds the next")
def _(r):
    r.roles["snapshot"].expires = day(7)
    r.publish("targets")
    r.sees(True)
    r.roles["snapshot"].expires = day(40)
    r.roles["snapshot"].meta["targets.json"] = MetaFile(1)
    r.publish("snapshot")
    r.sees(False, on=18)


@case("5.5.6 freeze: the snapshot that a client has expires")
def _(r):
    r.roles["snapshot"].expires = day(7)
    r.publish("snapshot")
    r.sees(True)
    r.sees(False, on=8)


# 5.6 Targets

@case("5.6.4 the targets have another version than the snapshot names")
@start
def _(r):
    r.publish("targets")
    path = r.path("targets")
    r.roles["targets"].version += 1
    r.put("targets", r.roles["targets"], path=path)
    r.sees(False)


@case("5.6.4 a delegated role has another version than the snapshot names")
@start
def _(r):
    r.publish(ROLE)
    path = r.path(ROLE)
    r.roles[ROLE].version += 1
    r.put(ROLE, r.roles[ROLE], path=path)
    r.sees(False, FILE)


@case("5.6.5 freeze: the targets that a client has expire")
def _(r):
    r.roles["targets"].expires = day(7)
    r.publish("targets")
    r.sees(True)
    r.sees(False, on=8)


@case("5.6.7 freeze: a delegated role that a client has expires")
def _(r):
    r.roles[ROLE].expires = day(7)
    r.publish(ROLE)
    r.sees(True, FILE)
    r.target(ROLE, ROLE + "/second.json", b"second")
    r.sees(False, ROLE + "/second.json", on=8)


@case("5.6.7 a delegated role that expired at a client is replaced")
def _(r):
    r.roles[ROLE].expires = day(7)
    r.publish(ROLE)
    r.sees(True, FILE)
    r.roles[ROLE].expires = day(40)
    r.target(ROLE, ROLE + "/second.json", b"second")
    r.publish(ROLE)
    r.sees(True, ROLE + "/second.json", on=8)


@case("5.6.7 a delegated role that the snapshot does not name")
def _(r):
    del r.roles["snapshot"].meta[ROLE + ".json"]
    r.publish("snapshot")
    r.sees(False, FILE)


@case("5.6.7 a target outside the paths of its role")
def _(r):
    r.roles["targets"].delegations.roles[ROLE].paths = ["debian-11/*"]
    r.publish("targets")
    r.sees(False, FILE)


@case("5.6.7 a role that lists the target of another")
def _(r):
    r.roles["targets"].delegations.roles["zeus"] = DelegatedRole(
        "zeus", [r.signers[ROLE][0].public_key.keyid], 1, False, paths=["zeus/*"])
    r.signers["zeus"] = r.signers[ROLE]
    r.roles["zeus"] = Targets(1, None, r.expires)
    r.target("zeus", ROLE + "/other.json", b"by another role")
    r.publish("zeus", "targets")
    r.sees(False, ROLE + "/other.json")


# 5.7 Targets' files

@case("5.7 a target is downloaded, and again when it changed")
def _(r):
    r.sees(True, FILE)
    r.sees(True, FILE)
    r.target(ROLE, FILE, b"the second content, which is longer")
    r.publish(ROLE)
    r.sees(True, FILE)


@case("5.7 no such target")
def _(r):
    r.sees(False, ROLE + "/none.json")


@case("5.7.2 other bytes in place of a target")
def _(r):
    for path in [path for path in r.files if path.startswith("targets/")]:
        r.files[path] = b"xhe first content"
    r.sees(False, FILE)


@case("5.7.2 a target that is longer than was signed")
def _(r):
    for path in [path for path in r.files if path.startswith("targets/")]:
        r.files[path] += b" and more"
    r.sees(False, FILE)


@case("5.7.2 a target that is shorter than was signed")
def _(r):
    for path in [path for path in r.files if path.startswith("targets/")]:
        r.files[path] = r.files[path][:-1]
    r.sees(False, FILE)


@case("5.7.2 a target that is missing")
def _(r):
    r.files = {path: body for path, body in r.files.items() if not path.startswith("targets/")}
    r.sees(False, FILE)


@case("5.7.2 a target with sha256 and sha512")
def _(r):
    r.target(ROLE, ROLE + "/second.json", b"second", ("sha256", "sha512"))
    r.publish(ROLE)
    r.sees(True, ROLE + "/second.json")


# What a feed does not have

def delegate(r, delegator, name, paths=("*",), **more):
    signer = CryptoSigner.generate_ed25519()
    targets = r.roles[delegator]
    if targets.delegations is None:
        targets.delegations = Delegations({}, {})
    targets.delegations.roles[name] = DelegatedRole(
        name, [], 1, more.pop("terminating", False), **({} if more else {"paths": list(paths)}), **more)
    targets.add_key(signer.public_key, name)
    r.signers[name] = [signer]
    r.roles[name] = Targets(1, None, r.expires)


@case("gap: a target of the top role", "the role of a target is the first part of its name")
def _(r):
    r.target("targets", "file.txt", b"of the top role")
    r.publish("targets")
    r.sees(True, "file.txt")


@case("gap: a role that delegates to another", "the top role delegates to each platform by name")
def _(r):
    delegate(r, ROLE, "below", [ROLE + "/*"])
    r.target("below", ROLE + "/below.json", b"of a role below a role")
    r.publish("below", ROLE)
    r.sees(True, ROLE + "/below.json")


@case("gap: a role that has targets under another name", "the role of a target is the first part of its name")
def _(r):
    delegate(r, "targets", "other", ["file.*"])
    r.target("other", "file.txt", b"of a role with another name")
    r.publish("other", "targets")
    r.sees(True, "file.txt")


@case("gap: a delegation by the digest of the name", "the role of a target is the first part of its name")
def _(r):
    delegate(r, "targets", "half", path_hash_prefixes=["%x" % digit for digit in range(16)])
    r.target("half", "file.txt", b"of a role by digest")
    r.publish("half", "targets")
    r.sees(True, "file.txt")


@case("gap: roles named by a prefix and a number", "the top role delegates to each platform by name")
def _(r):
    signer = CryptoSigner.generate_ed25519()
    key = signer.public_key
    r.roles["targets"].delegations = Delegations({key.keyid: key}, succinct_roles=SuccinctRoles([key.keyid], 1, 1, "bin"))
    for name in ["bin-0", "bin-1"]:
        r.signers[name] = [signer]
        r.roles[name] = Targets(1, None, r.expires)
        r.target(name, "file.txt", b"of a numbered role")
    r.publish("bin-0", "bin-1", "targets")
    r.sees(True, "file.txt")


for strange in ["?", "#", "/delegated", "../delegated", "Capital"]:
    def run(r, strange=strange):
        delegate(r, "targets", strange, ["none"])
        r.roles["targets"].delegations.roles[strange].terminating = False
        r.publish("targets")
        r.sees(True)
    case("gap: a role with the name " + strange, "names of roles become names of files at publishers and clients")(run)


@case("gap: a target with sha512 alone", "a feed names its targets by sha256")
def _(r):
    r.target(ROLE, ROLE + "/second.json", b"second", ("sha512",))
    r.publish(ROLE)
    r.sees(True, ROLE + "/second.json")


@case("gap: names without versions", "a feed has consistent snapshots: names begin with versions and digests")
def _(r):
    r.root.consistent_snapshot = False
    r.publish("root", "targets", ROLE)
    for name in ["snapshot", "targets", ROLE]:
        r.files["metadata/%s.json" % name] = r.files.pop(r.path(name))
    r.files["targets/" + FILE] = b"the first content"
    r.sees(True, FILE)


def write(out):
    for number, (name, gap, otherwise, function) in enumerate(CASES):
        repository = Repository()
        function(repository)
        folder = os.path.join(out, "%03d" % number)
        for at, (files, _) in enumerate(repository.steps):
            for path, body in files.items():
                place = os.path.join(folder, str(at), path)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "wb") as file:
                    file.write(body)
        with open(os.path.join(folder, "root.json"), "wb") as file:
            file.write(repository.first_root)
        told = {"name": name, "gap": gap, "otherwise": otherwise, "steps": [step for _, step in repository.steps]}
        with open(os.path.join(folder, "case.json"), "w") as file:
            json.dump(told, file)


class Folder(FetcherInterface):
    """A server's folder."""

    def __init__(self, folder):
        self.folder = folder

    def _fetch(self, url):
        path = os.path.join(self.folder, url.removeprefix("http://folder/"))
        if not os.path.isfile(path):
            raise exceptions.DownloadHTTPError("none", 404)
        with open(path, "rb") as file:
            yield file.read()


def client(kept, served, target, now):
    """Refreshes as python-tuf does, and downloads. Returns the error's name, if one ends it."""
    try:
        updater = Updater(kept, "http://folder/metadata/", kept, "http://folder/targets/", fetcher=Folder(served))
        updater._trusted_set.reference_time = now
        updater.refresh()
        if target is None:
            return None
        info = updater.get_targetinfo(target)
        if info is None:
            return "no such target"
        with tempfile.NamedTemporaryFile() as file:
            updater.download_target(info, file.name)
    except (exceptions.RepositoryError, exceptions.DownloadError, ValueError, OSError) as error:
        return type(error).__name__
    return None


def versions(kept):
    """What the client trusts: role -> version."""
    found = {}
    for name in os.listdir(kept):
        if name.endswith(".json"):
            with open(os.path.join(kept, name), "rb") as file:
                found[name[:-5]] = json.load(file)["signed"]["version"]
    return found


def judge(cases):
    told = []
    for name in sorted(os.listdir(cases)):
        folder = os.path.join(cases, name)
        with open(os.path.join(folder, "case.json")) as file:
            steps = json.load(file)["steps"]
        with tempfile.TemporaryDirectory() as kept:
            shutil.copy(os.path.join(folder, "root.json"), kept)
            answers = []
            for at, step in enumerate(steps):
                error = client(kept, os.path.join(folder, str(at)), step["target"], day(step["day"]))
                answers.append({"error": error, "trusted": versions(kept)})
            told.append(answers)
    json.dump(told, sys.stdout)


def download(site, root, now, *names):
    """Downloads targets of a published feed: name and length of each on a line."""
    with tempfile.TemporaryDirectory() as kept:
        shutil.copy(root, os.path.join(kept, "root.json"))
        updater = Updater(kept, "http://folder/metadata/", kept, "http://folder/targets/", fetcher=Folder(site))
        updater._trusted_set.reference_time = datetime.datetime.fromisoformat(now)
        updater.refresh()
        for name in names:
            info = updater.get_targetinfo(name)
            path = updater.download_target(info, os.path.join(kept, "target"))
            print(name, os.path.getsize(path))


if __name__ == "__main__":
    {"write": write, "judge": judge, "download": download}[sys.argv[1]](*sys.argv[2:])
