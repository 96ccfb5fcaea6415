import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootWith, scapfeed, stanza } from '../../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../../support/small-feed.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

/** Text that means something to each of the programs that read reports. */
export const hostile =
  "=cmd|'/c calc'!A1\"</script><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\n::error::forged\r\n| a | b |`@everyone #1 ]]>%0A::warning::{{x}}\u202e\u009b2J\u2028\u2029\u0085";

const names = [hostile, '=1+1', '+1', '-1', '@SUM(A1)', '##vso[task.x]y'];

/** A source's name in the form that dpkg's status allows. */
function sourceName(name: string): string {
  return name.replaceAll(/[()\r\n]/g, ' ').trim();
}

export const hostileImage = rootWith({
  'etc/os-release': `ID=debian\nVERSION_ID="12"\nPRETTY_NAME="${hostile.replace(/["\n`$\\]/g, ' ')}"\n`,
  // No package brought it.
  [`usr/bin/${hostile.replaceAll('/', '!')}`]: '#!/bin/sh\n',
  // Of a package of Python, whose name is none: it is counted.
  [`usr/lib/python3/dist-packages/x-1.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${hostile.split('\n')[0]}\nVersion: 1\n`,
  'var/lib/dpkg/status': names
    .map((name, at) => stanza(`package${at}`, '1', { Source: sourceName(name) }))
    .join(''),
});

/** Names with line breaks, which dpkg's status cannot have: they come from bills of materials and from rpm's headers. */
export const hostileSbom = join(temporaryFolder(), 'bom.json');
writeFileSync(
  hostileSbom,
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: [
      { type: 'operating-system', name: 'debian', version: '12' },
      ...[hostile, '##vso[task.x]y'].map((name) => ({
        type: 'library',
        name,
        purl: `pkg:deb/debian/${encodeURIComponent(name)}@1?distro=debian-12&arch=${encodeURIComponent(name)}`,
      })),
    ],
  }),
);

export const hostileFeed = writeSmallFeed([
  {
    platform: bookworm,
    statements: [...names.map(sourceName), hostile].map((name, at) => ({
      vulnerability: `CVE-2024-100${at % names.length}`,
      package: name,
      status: 'affected',
      fixState: 'none_yet',
      reason: hostile,
      advisories: [hostile, `DSA-${hostile}`],
      severity: 'high',
    })),
    vulnerabilities: names.map((name, at) => ({
      id: `CVE-2024-100${at}`,
      title: name,
      description: hostile,
      references: ['javascript:alert(1)', `https://example.test/?${hostile}`, 'https://example.test/fine'],
      severityReason: hostile,
      aliases: [hostile],
      cwe: ['CWE-79'],
      cvss: [{ version: '3.1', score: 5, vector: hostile }],
    })),
  },
]);

/** A scan in which every text from outside is hostile. */
export function hostileScan(...args: string[]) {
  return scapfeed(['scan', hostileImage, '--feed', hostileFeed, '--max-age', '0', ...args]);
}
