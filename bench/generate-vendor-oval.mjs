// A made-up vendor's OVAL at full size: a test of the release, and for each advisory one to some packages, as real documents
// have it. Deterministic.

const definitions = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** Parts of a document with so many definitions, on these packages (name and version) and on others that are not installed. */
export function* vendorOval({ count, installed, type }) {
  const random = generator(7);
  const kind = type === 'rpm' ? 'rpminfo' : 'dpkginfo';
  const evr = type === 'rpm' ? 'evr_string' : 'debian_evr_string';
  const advisories = Array.from({ length: count }, (_, at) => advisory(at, installed, random));
  const states = new Map();
  const objects = new Map();
  const number = (map, key) => map.get(key) ?? map.set(key, map.size + 10).get(key);
  yield `<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns="${definitions}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:linux-def="${definitions}#linux" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <generator>
    <oval:product_name>Acme Errata System</oval:product_name>
    <oval:schema_version>5.11</oval:schema_version>
    <oval:timestamp>2026-01-02T03:04:05</oval:timestamp>
  </generator>
  <definitions>
`;
  for (const { id, cves, packages, severity } of advisories) {
    yield `    <definition id="oval:com.acme:def:${id}" version="1" class="patch">
      <metadata>
        <title>ACSA-2026:${id}: ${packages[0].name} security update (${severity})</title>
        <affected family="unix">
          <platform>Acme Linux 9</platform>
        </affected>
        <reference ref_id="ACSA-2026:${id}" ref_url="https://errata.acme.example/9/ACSA-2026-${id}.html" source="ACSA"/>
${cves.map((cve) => `        <reference ref_id="${cve}" ref_url="https://acme.example/security/cve/${cve}" source="CVE"/>`).join('\n')}
        <description>An update for ${packages[0].name} is now available for Acme Linux 9. Acme has rated this update as having a security impact of ${severity}. A score, which gives a detailed severity rating, is available for each vulnerability from the link in the References section.

Security Fix(es):
${cves.map((cve) => `* ${packages[0].name}: a flaw &amp; its consequences (${cve})`).join('\n')}</description>
        <advisory from="security@acme.example">
          <severity>${severity}</severity>
          <rights>Copyright 2026 Acme, Inc.</rights>
          <issued date="2026-01-0${(id % 9) + 1}"/>
${cves.map((cve) => `          <cve href="https://acme.example/security/cve/${cve}" impact="${severity}" cvss3="7.5/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H">${cve}</cve>`).join('\n')}
        </advisory>
      </metadata>
      <criteria operator="AND">
        <criterion comment="Acme Linux 9 is installed" test_ref="oval:com.acme:tst:1"/>
        <criteria operator="OR">
${packages.map(({ name, below }, at) => `          <criterion comment="${name} is earlier than ${below}" test_ref="oval:com.acme:tst:${id}${100 + at}"/>`).join('\n')}
        </criteria>
      </criteria>
    </definition>
`;
  }
  yield '  </definitions>\n  <tests>\n';
  yield `    <linux-def:${kind}_test id="oval:com.acme:tst:1" version="1" check="at least one" comment="Acme Linux 9 is installed">
      <linux-def:object object_ref="oval:com.acme:obj:1"/>
      <linux-def:state state_ref="oval:com.acme:ste:1"/>
    </linux-def:${kind}_test>
`;
  for (const { id, packages } of advisories) {
    for (const [at, { name, below }] of packages.entries()) {
      yield `    <linux-def:${kind}_test id="oval:com.acme:tst:${id}${100 + at}" version="1" check="at least one" comment="${name} is earlier than ${below}">
      <linux-def:object object_ref="oval:com.acme:obj:${number(objects, name)}"/>
      <linux-def:state state_ref="oval:com.acme:ste:${number(states, below)}"/>
    </linux-def:${kind}_test>
`;
    }
  }
  yield `  </tests>\n  <objects>\n    <linux-def:${kind}_object id="oval:com.acme:obj:1" version="1">\n      <linux-def:name>acme-release</linux-def:name>\n    </linux-def:${kind}_object>\n`;
  for (const [name, at] of objects) {
    yield `    <linux-def:${kind}_object id="oval:com.acme:obj:${at}" version="1">\n      <linux-def:name>${name}</linux-def:name>\n    </linux-def:${kind}_object>\n`;
  }
  yield `  </objects>\n  <states>\n    <linux-def:${kind}_state id="oval:com.acme:ste:1" version="1">\n      <linux-def:version operation="pattern match">^9</linux-def:version>\n    </linux-def:${kind}_state>\n`;
  for (const [below, at] of states) {
    yield `    <linux-def:${kind}_state id="oval:com.acme:ste:${at}" version="1">\n      <linux-def:evr datatype="${evr}" operation="less than">${below}</linux-def:evr>\n    </linux-def:${kind}_state>\n`;
  }
  yield '  </states>\n</oval_definitions>\n';
}

const severities = ['Critical', 'Important', 'Moderate', 'Low'];

/** One advisory in eight is about an installed package, mostly below what is installed. */
function advisory(at, installed, random) {
  const count = 1 + Math.floor(random() ** 3 * 6);
  const isInstalled = random() < 0.125;
  const packages = Array.from({ length: count }, (_, nth) => {
    if (!isInstalled) return { name: `lib${at % 4000}-${nth}`, below: `0:1.${at % 50}-${at % 9}` };
    const { name, version } = installed[Math.floor(random() * installed.length)];
    const above = random() < 0.07;
    return { name, below: `0:${above ? `${version}.${at % 5}` : `0.${at % 90}-1`}` };
  });
  const cves = Array.from(
    { length: 1 + Math.floor(random() * 4) },
    (_, nth) => `CVE-2026-${10000 + at * 4 + nth}`,
  );
  return { id: 1000 + at, cves, packages, severity: severities[Math.floor(random() * 4)] };
}

/** A linear congruential generator: numbers from 0 to 1. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
