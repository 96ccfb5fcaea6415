import { debianRelease, rootWith, scapfeed, stanza } from '../../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../../support/small-feed.ts';

/** Text that means something to each of the programs that read reports. */
export const hostile =
  "=cmd|'/c calc'!A1\"</script><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\n::error::forged\r\n| a | b |`@everyone #1 ]]>%0A::warning::{{x}}\u202e";

const names = [hostile, '=1+1', '+1', '-1', '@SUM(A1)'];

/** What dpkg's status can have as the name of a source. */
function sourceName(name: string): string {
  return name.replaceAll(/[()\r\n]/g, ' ').trim();
}

const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': names
    .map((name, at) => stanza(`package${at}`, '1', { Source: sourceName(name) }))
    .join(''),
});

const feed = writeSmallFeed([
  {
    platform: bookworm,
    statements: names.map((name, at) => ({
      vulnerability: `CVE-2024-100${at}`,
      package: sourceName(name),
      status: 'affected',
      fixState: 'none_yet',
      reason: hostile,
      severity: 'high',
    })),
    vulnerabilities: names.map((name, at) => ({
      id: `CVE-2024-100${at}`,
      title: name,
      description: hostile,
      references: ['javascript:alert(1)', `https://example.test/?${hostile}`, 'https://example.test/fine'],
      severityReason: hostile,
    })),
  },
]);

/** A scan in which every text from outside is hostile. */
export function hostileScan(...args: string[]) {
  return scapfeed(['scan', image, '--feed', feed, '--max-age', '0', ...args]);
}
