// A platform's index of any number of definitions, the same on every machine, and the same statements in Canonical's shape.
import { closeSync, openSync, writeSync } from 'node:fs';

const mostSources = 4000;
/** As in a Debian release: fewer flaws are flaws of fewer packages. */
const flawsPerSource = 5;
const installedSources = 250;
const binariesPerSource = 3;

const platform = {
  id: 'debian-12',
  name: 'Debian GNU/Linux 12 (bookworm)',
  aliases: [],
  os: { id: 'debian', version: '12', codename: 'bookworm' },
  packaging: 'deb',
  life: [],
};

const prose =
  'A flaw in the handling of crafted input lets a remote attacker read memory beyond the end of a buffer, or write ' +
  'there, and so run code with the rights of the service. Systems with "untrusted" peers & <default> settings are open.';

/** An index of `definitions` fixed flaws, some five of which share an update, as security trackers have it. */
export function makeIndex(definitions) {
  const lines = [];
  const sources = Math.min(mostSources, Math.ceil(definitions / flawsPerSource));
  let number = 0;
  for (let at = 0; at < sources; at++) {
    const claims = [];
    const until = Math.floor(((at + 1) * definitions) / sources);
    for (let update = 1; number < until; update++) {
      const ids = [];
      while (ids.length < 5 && number < until) ids.push(`CVE-${2010 + (number % 16)}-${10000 + number++}`);
      const fixed = `1.${update}.${at % 50}-${update}+deb12u${update}`;
      claims.push({
        status: 'fixed',
        fixed,
        severity: 'high',
        advisories: [`DSA-${1000 + at}-${update}`],
        ids,
      });
    }
    lines.push({ package: sourceName(at), claims });
  }
  return {
    platform,
    source: 'debian',
    updated: '2026-11-20T06:00:00Z',
    // As a reader gives them: strings made by joining would be flattened, and grow, while they are written.
    lines: JSON.parse(JSON.stringify(lines)),
    evidence: ['bench#'],
    marks: [],
    roster: new Map(lines.map(({ package: name }) => [name, { version: '1', binaries: binariesOf(name) }])),
    vulnerability: (id) => ({
      id,
      description: `${id}: ${prose}`,
      published: '2023-02-07',
      cvss: [{ version: '3.1', score: 7.5, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
    }),
    advisory: (id) => ({ id, date: '2023-02-07' }),
  };
}

function sourceName(at) {
  return `source-${String(at).padStart(4, '0')}`;
}

function binariesOf(name) {
  return Array.from({ length: binariesPerSource }, (_, at) => ({ name: `${name}-bin${at}`, version: '1' }));
}

/** A dpkg status in which every sixteenth source is installed, in the middle of its fixes. */
export function dpkgStatus() {
  const stanzas = [];
  for (let at = 0; at < mostSources; at += mostSources / installedSources) {
    for (const { name } of binariesOf(sourceName(at))) {
      stanzas.push(
        `Package: ${name}\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 100\n` +
          `Maintainer: Nobody <nobody@example.org>\nArchitecture: amd64\nSource: ${sourceName(at)}\n` +
          `Version: 1.2.${at % 50}-2+deb12u2\nDescription: a package\n of the bench\n\n`,
      );
    }
  }
  return stanzas.join('');
}

/** The index's statements with a test, object, state and variable of its own for each CVE, as Canonical writes them. */
export function writeCanonicalShape(index, path, escapeXml) {
  const sections = { definitions: [], tests: [], objects: [], states: [], variables: [] };
  const base = 'oval:com.ubuntu.jammy';
  let number = 1000;
  for (const { package: name, claims } of index.lines) {
    const values = index.roster
      .get(name)
      .binaries.map((binary) => `<value>${binary.name}</value>`)
      .join('\n');
    for (const { ids, fixed, advisories } of claims) {
      for (const id of ids) {
        number += 10;
        const { description, cvss } = index.vulnerability(id);
        sections.definitions.push(
          `<definition class="vulnerability" id="${base}:def:${number}" version="1">\n<metadata>\n<title>${id} on Debian 12 (bookworm) - high.</title>\n` +
            `<affected family="unix">\n<platform>Debian GNU/Linux 12</platform>\n<product>${name}</product>\n</affected>\n` +
            `<reference source="CVE" ref_id="${id}" ref_url="https://security-tracker.debian.org/tracker/${id}"/>\n` +
            `<reference source="DSA" ref_id="${advisories[0]}" ref_url="https://security-tracker.debian.org/tracker/${advisories[0]}"/>\n` +
            `<description>${escapeXml(description)}</description>\n<advisory>\n<severity>High</severity>\n<public_date>2023-02-07</public_date>\n` +
            `<cve cvss_score="${cvss[0].score}" cvss_vector="${cvss[0].vector}">${id}</cve>\n</advisory>\n</metadata>\n<criteria>\n` +
            `<extend_definition definition_ref="${base}:def:100" comment="Debian 12 (bookworm) is installed." applicability_check="true"/>\n` +
            `<criteria operator="OR">\n<criterion test_ref="${base}:tst:${number}" comment="${name} package in bookworm was vulnerable but has been fixed (note: '${fixed}')."/>\n` +
            '</criteria>\n</criteria>\n</definition>\n',
        );
        sections.tests.push(
          `<linux:dpkginfo_test id="${base}:tst:${number}" version="1" check_existence="at_least_one_exists" check="at least one" comment="Does the '${name}' package exist and is the version less than '${fixed}'?">\n` +
            `<linux:object object_ref="${base}:obj:${number}"/>\n<linux:state state_ref="${base}:ste:${number}"/>\n</linux:dpkginfo_test>\n`,
        );
        sections.objects.push(
          `<linux:dpkginfo_object id="${base}:obj:${number}" version="1" comment="The '${name}' package binaries.">\n` +
            `<linux:name var_ref="${base}:var:${number}" var_check="at least one"/>\n</linux:dpkginfo_object>\n`,
        );
        sections.states.push(
          `<linux:dpkginfo_state id="${base}:ste:${number}" version="1" comment="The package version is less than '${fixed}'.">\n` +
            `<linux:evr datatype="debian_evr_string" operation="less than">0:${fixed}</linux:evr>\n</linux:dpkginfo_state>\n`,
        );
        sections.variables.push(
          `<constant_variable id="${base}:var:${number}" version="1" datatype="string" comment="'${name}' package binaries">\n${values}\n</constant_variable>\n`,
        );
      }
    }
  }
  const fd = openSync(path, 'w');
  writeSync(fd, canonicalHead(base));
  for (const [name, parts] of Object.entries(sections)) {
    const open = name === 'definitions' ? '' : `<${name}>\n${releaseParts(base)[name] ?? ''}`;
    writeSync(fd, `${open}${parts.join('')}</${name}>\n`);
  }
  writeSync(fd, '</oval_definitions>\n');
  closeSync(fd);
}

const schema = 'http://oval.mitre.org/XMLSchema';

function canonicalHead(base) {
  return (
    `<oval_definitions xmlns="${schema}/oval-definitions-5" xmlns:oval="${schema}/oval-common-5" ` +
    `xmlns:ind="${schema}/oval-definitions-5#independent" xmlns:linux="${schema}/oval-definitions-5#linux">\n` +
    '<generator><oval:schema_version>5.11.1</oval:schema_version><oval:timestamp>2026-11-20T06:00:00</oval:timestamp></generator>\n' +
    `<definitions>\n<definition class="inventory" id="${base}:def:100" version="1"><metadata><title>Debian 12</title><description/></metadata>` +
    `<criteria><criterion test_ref="${base}:tst:101" comment="The host is running Debian bookworm."/></criteria></definition>\n`
  );
}

function releaseParts(base) {
  return {
    tests: `<ind:textfilecontent54_test id="${base}:tst:101" version="1" check="at least one" comment="release"><ind:object object_ref="${base}:obj:101"/></ind:textfilecontent54_test>\n`,
    objects: `<ind:textfilecontent54_object id="${base}:obj:101" version="1"><ind:filepath>/etc/os-release</ind:filepath><ind:pattern operation="pattern match">^VERSION_CODENAME=bookworm$</ind:pattern><ind:instance datatype="int">1</ind:instance></ind:textfilecontent54_object>\n`,
  };
}
