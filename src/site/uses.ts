/** Commands by which other programs use the feed at this address. */
export interface FeedUse {
  title: string;
  text: string;
  commands: string[];
}

export function usesOf(url: string, root: { version: number; sha256: string }): FeedUse[] {
  const address = url.replace(/\/$/, '');
  const rootFile = `${address}/metadata/${root.version}.root.json`;
  return [
    {
      title: 'scapfeed',
      text: 'Checks each signature, and fetches only what the packages need. Compare the digest with the one that the publisher states elsewhere.',
      commands: [
        `curl -fsSo root.json ${rootFile}`,
        `echo '${root.sha256}  root.json' | sha256sum -c`,
        `scapfeed scan debian:12 --feed ${address} --trust-root root.json`,
      ],
    },
    {
      title: 'A copy for machines without a network',
      text: 'The same trust, with everything that is published.',
      commands: [
        `scapfeed pull --from ${address} --trust-root root.json --out feed`,
        'scapfeed scan debian:12 --feed feed',
      ],
    },
    {
      title: 'OpenSCAP',
      text: 'Evaluates the OVAL of a pulled feed on a running system, where the publisher includes OVAL.',
      commands: [
        `scapfeed pull --from ${address} --trust-root root.json --oval --out feed`,
        'oscap oval eval --report report.html feed/oval/debian-12.oval.xml',
      ],
    },
    {
      title: 'Trivy',
      text: 'Loads a database that is made from a pulled feed.',
      commands: [
        'scapfeed export --feed feed --to trivy --out exports',
        'mkdir -p ~/.cache/trivy/db && cp exports/trivy/trivy.db exports/trivy/metadata.json ~/.cache/trivy/db/',
        'trivy image --skip-db-update --offline-scan --scanners vuln debian:12',
      ],
    },
    {
      title: 'Grype',
      text: 'Loads a database that is made from a pulled feed.',
      commands: [
        'scapfeed export --feed feed --to grype --out exports',
        'grype db import exports/grype/vulnerability-db_*.tar.zst',
        'GRYPE_DB_AUTO_UPDATE=false GRYPE_DB_VALIDATE_AGE=false grype debian:12',
      ],
    },
  ];
}
