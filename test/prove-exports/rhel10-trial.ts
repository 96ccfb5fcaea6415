import { Random } from '../prove/random.ts';
import type { LooseStatement, RpmPackage, Trial } from '../prove/trial.ts';

/**
 * An image of RHEL 10 with the list of its repositories, which UBI 10 has. Trivy's own database has no repository of RHEL 10, so
 * that it says nothing of these.
 */
export function rhel10Trial(
  seed: number,
  { packages, flawsPerPackage }: { packages: number; flawsPerPackage: number },
): Trial {
  const random = new Random(seed + 1010);
  const statements: LooseStatement[] = [];
  const rpms: RpmPackage[] = [rpm('redhat-release', '10.0', '29.el10')];
  for (let at = 0; at < packages; at++) {
    const name = `src${seed}y${at}`;
    const release = 1 + random.below(30);
    rpms.push(rpm(name, '2.4', `${release}.el10`));
    for (let flaw = 0; flaw < flawsPerPackage; flaw++) {
      const about = { vulnerability: `CVE-2026-${10_000 + flaw}`, package: name };
      const kind = random.below(10);
      if (kind < 7) {
        const fixed = `0:2.4-${Math.max(1, release + random.below(5) - 2)}.el10`;
        statements.push({ ...about, status: 'fixed', fixed, advisories: [`RHSA-2026:${1000 + flaw}`] });
      } else if (kind === 7) statements.push({ ...about, status: 'not_affected' });
      else
        statements.push({
          ...about,
          status: 'affected',
          fixState: random.pick(['none_yet', 'will_not_fix'] as const),
        });
    }
  }
  const contentSets = ['baseos', 'appstream'].map((part) => `rhel-10-for-x86_64-${part}-rpms`);
  return {
    name: `rhel 10 ${seed}`,
    platform: {
      id: 'rhel-10',
      name: 'Red Hat Enterprise Linux 10',
      aliases: [],
      os: { id: 'rhel', version: '10' },
      packaging: 'rpm',
      life: [],
    },
    data: {},
    statements,
    files: {
      'etc/os-release':
        'NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="10.0"\nCPE_NAME="cpe:/o:redhat:enterprise_linux:10::baseos"\n',
      'root/buildinfo/content_manifests/ubi10-container.json': JSON.stringify({
        metadata: { icm_version: 1, icm_spec: 'https://example.test', image_layer_index: 0 },
        content_sets: contentSets,
        image_contents: [],
      }),
    },
    rpms,
  };
}

function rpm(name: string, version: string, release: string): RpmPackage {
  return {
    name,
    version,
    release,
    arch: 'x86_64',
    vendor: 'Red Hat, Inc.',
    sourcerpm: `${name}-${version}-${release}.src.rpm`,
    keyid: '199e2f91fd431d51',
  };
}
