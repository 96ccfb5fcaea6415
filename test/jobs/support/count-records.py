"""Counts the records of a mirror's documents by other means than our readers: JSON by source."""

import bz2
import glob
import gzip
import json
import os
import re
import sys
import tarfile
import zipfile

mirror = sys.argv[1]


def places(pattern):
    return glob.glob(os.path.join(mirror, pattern), recursive=True)


def unpacked(path):
    with open(path, "rb") as file:
        content = file.read()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    elif content[:3] == b"BZh":
        content = bz2.decompress(content)
    return content.decode()


def zipped(pattern):
    for path in places(pattern):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield path, name, archive.read(name)


def of(pattern, count):
    return sum(count(unpacked(path)) for path in places(pattern))


def rows_of_updates(text):
    """A package is a record, and so is an update without any."""
    updates = re.findall(r"<update .*?</update>", text, re.S)
    return sum(max(1, len(re.findall(r"<package ", update))) for update in updates)


def fixes(text):
    packages = [each["pkg"] for each in json.loads(text)["packages"]]
    return sum(len(ids or []) for pkg in packages for ids in (pkg["secfixes"] or {}).values())


def definitions(text):
    return len(re.findall(r"<definition\b", text))


def bounds(text):
    return len(re.findall(r"<criterion\b[^>]* is earlier than ", text))


def bounds_of_architectures(text):
    """A bound is a record for each architecture of packages that a system installs."""
    installed = {"x86_64": 2, "i386": 4, "i686": 4}
    count = 0
    arch = ""
    for system, bound in re.findall(r"<criterion\b[^>]*(?:Linux arch is (\w+)|( is earlier than ))", text):
        arch = system or arch
        count += installed.get(arch, 1) if bound else 0
    return count


def osv_entries():
    """An entry about a package of the archive's own ecosystem is a record; errata of Linux systems are compared only."""
    count = 0
    for path, _, content in zipped("osv-vulnerabilities.storage.googleapis.com/*/all.zip"):
        ecosystem = os.path.basename(os.path.dirname(path))
        if not ecosystem.endswith("Linux"):
            affected = json.loads(content).get("affected", [])
            count += sum(each["package"]["ecosystem"].split(":")[0] == ecosystem for each in affected)
    return count


def advisories():
    with tarfile.open(places("gitweb.gentoo.org/**/*.tar.gz")[0]) as archive:
        return sum(name.endswith(".xml") for name in archive.getnames())


microsoft = "raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main"
counts = {
    "amazon": of("*amazon*/**/updateinfo.xml.gz", rows_of_updates),
    "anolis": of("anas.openanolis.cn/**/*.xml", bounds),
    "arch": of("security.archlinux.org/all.json", lambda text: len(json.loads(text))),
    "azurelinux": of(f"{microsoft}/azurelinux-*.xml", definitions),
    "bottlerocket": of("advisories.bottlerocket.aws/*.gz", rows_of_updates),
    "chainguard": of("packages.cgr.dev/**/security.json", fixes),
    "cleanstart": sum(len(json.loads(content)["affected"]) for _, _, content in zipped("github.com/cleanstart-dev/**/*.zip")),
    "dhi": sum("/osv/dhi/" in name for _, name, _ in zipped("github.com/docker-hardened-images/**/*.zip")),
    "echo": of("advisory.echohq.com/data.json", lambda text: sum(map(len, json.loads(text).values()))),
    "epss": of("epss.empiricalsecurity.com/*-current.csv.gz", lambda text: len(re.findall(r"^CVE-", text, re.M))),
    "fedora": of("dl.fedoraproject.org/**/updateinfo.xml.gz", rows_of_updates),
    "gentoo": advisories(),
    "kev": of("www.cisa.gov/**/known_exploited_vulnerabilities.json", lambda text: len(json.loads(text)["vulnerabilities"])),
    "mariner": of(f"{microsoft}/cbl-mariner-*.xml", definitions),
    "minimos": of("packages.mini.dev/**/security.json", fixes),
    "nvd": of("nvd.nist.gov/**/*.json.gz", lambda text: len(json.loads(text)["vulnerabilities"])),
    "oracle": of("linux.oracle.com/**/*.xml.bz2", bounds_of_architectures),
    "osv": osv_entries(),
    "photon": of("packages.broadcom.com/**/*.xml.gz", bounds),
    "secureos": of("security.secureos.io/**/secdb.json.gz", fixes),
    "wolfi": of("packages.wolfi.dev/**/security.json", fixes),
}
print(json.dumps(counts))
