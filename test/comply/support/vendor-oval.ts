const definitions = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** One flaw of a made-up vendor's OVAL: a package below a version, or installed at all. */
export interface VendorFlaw {
  number: number;
  package: string;
  below?: string;
  /** The vulnerabilities that it names, if not the one of its number. */
  vulnerabilities?: readonly number[];
  severity?: string;
  class?: 'vulnerability' | 'patch';
}

/** A made-up vendor's document, in the shape of real ones: a test of the release, and one of each package. */
export function vendorOval(
  flaws: readonly VendorFlaw[],
  {
    type = 'rpm',
    release = 'acme-release',
    major = '9',
  }: { type?: 'rpm' | 'deb'; release?: string; major?: string } = {},
): string {
  const kind = type === 'rpm' ? 'rpminfo' : 'dpkginfo';
  const evr = type === 'rpm' ? 'evr_string' : 'debian_evr_string';
  const each = (text: (flaw: VendorFlaw) => string) => flaws.map(text).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns="${definitions}" xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" xmlns:linux="${definitions}#linux">
<generator><oval:product_name>Acme Errata</oval:product_name><oval:product_version>2</oval:product_version><oval:schema_version>5.11.1</oval:schema_version><oval:timestamp>2026-01-02T03:04:05</oval:timestamp></generator>
<definitions>
${each(
  ({
    number,
    package: name,
    below,
    vulnerabilities = [number],
    severity,
    class: kindOf = 'vulnerability',
  }) => `<definition id="oval:com.acme:def:${number}" version="3" class="${kindOf}">
<metadata><title>
  CVE-2026-${number}: ${name} flaw
</title><affected family="unix"><platform>Acme Linux ${major}</platform></affected><reference source="ACSA" ref_id="ACSA-2026:${number}" ref_url="https://acme.example/ACSA-2026:${number}"/>${vulnerabilities.map((each) => `<reference source="CVE" ref_id="CVE-2026-${each}"/>`).join('')}<description>Text.</description>${severity === undefined ? '' : `<advisory><severity>${severity}</severity><issued date="2026-01-01"/></advisory>`}</metadata>
<criteria operator="AND"><criterion test_ref="oval:com.acme:tst:1" comment="Acme Linux ${major} is installed"/><criterion test_ref="oval:com.acme:tst:${number}" comment="${said(name, below)}"/></criteria>
</definition>`,
)}
</definitions>
<tests>
<linux:${kind}_test id="oval:com.acme:tst:1" version="1" check="at least one" comment="Acme Linux ${major} is installed"><linux:object object_ref="oval:com.acme:obj:1"/><linux:state state_ref="oval:com.acme:ste:1"/></linux:${kind}_test>
${each(
  ({ number, package: name, below }) =>
    `<linux:${kind}_test id="oval:com.acme:tst:${number}" version="1" check="at least one" comment="${said(name, below)}"><linux:object object_ref="oval:com.acme:obj:${number}"/>${below === undefined ? '' : `<linux:state state_ref="oval:com.acme:ste:${number}"/>`}</linux:${kind}_test>`,
)}
</tests>
<objects>
<linux:${kind}_object id="oval:com.acme:obj:1" version="1"><linux:name>${release}</linux:name></linux:${kind}_object>
${each(({ number, package: name }) => `<linux:${kind}_object id="oval:com.acme:obj:${number}" version="1"><linux:name>${name}</linux:name></linux:${kind}_object>`)}
</objects>
<states>
<linux:${kind}_state id="oval:com.acme:ste:1" version="1"><linux:version operation="pattern match">^${major}</linux:version></linux:${kind}_state>
${each(({ number, below = '' }) => `<linux:${kind}_state id="oval:com.acme:ste:${number}" version="1"><linux:evr datatype="${evr}" operation="less than">${below}</linux:evr></linux:${kind}_state>`)}
</states>
</oval_definitions>
`;
}

function said(name: string, below: string | undefined): string {
  return below === undefined ? `${name} is installed` : `${name} is earlier than ${below}`;
}
