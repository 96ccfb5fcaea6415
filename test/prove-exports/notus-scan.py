"""Judges packages by Greenbone's own loader and comparison: notus-scan.py FOLDER SYSTEM < packages (name TAB version)."""
import json
import sys
from pathlib import Path

from notus.scanner.loader.gpg_sha_verifier import VerificationResult
from notus.scanner.loader.json import JSONAdvisoriesLoader
from notus.scanner.models.packages import package_class_by_type
from notus.scanner.scanner import NotusScanner

folder, system = sys.argv[1:3]
loader = JSONAdvisoriesLoader(advisories_directory_path=Path(folder), verify=lambda path: VerificationResult.SUCCESS)
advisories = loader.load_package_advisories(system)
kind = package_class_by_type(advisories.package_type)
found, unread = [], []
for line in sys.stdin:
    name, version = line.rstrip("\n").split("\t")
    package = kind.from_name_and_full_version(name, version)
    if package is None:
        unread.append([name, version])
        continue
    for oid, listed in advisories.get_package_advisories_for_package(package).items():
        vulnerability = NotusScanner._check_package(package, listed)
        if vulnerability and vulnerability.vulnerability:
            for fixes in vulnerability.get().values():
                found.append([oid, name, version, fixes[0].package.full_version])
json.dump({"found": found, "unread": unread}, sys.stdout)
