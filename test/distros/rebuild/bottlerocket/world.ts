import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../../support/temporary.ts';
import { type MadeUpdate, updatesText } from '../../../support/updateinfo.ts';
import { newMirror } from '../../shared/errata-world.ts';

/** The packed list of updates, each of the vendor's one collection unless it says another. */
export function bottlerocketList(updates: readonly MadeUpdate[]): Buffer {
  const own = updates.map((update) => ({
    ...{ collection: 'bottlerocket', issued: '2026-03-17T16:22:44Z', description: '' },
    ...update,
  }));
  return gzipSync(updatesText(own));
}

/** A mirror with the one list. */
export function writeBottlerocketMirror(updates: readonly MadeUpdate[]): string {
  const { folder, write } = newMirror('bottlerocket');
  write('advisories.bottlerocket.aws/updateinfo.xml.gz', bottlerocketList(updates));
  return folder;
}

/** The system's list of packages: `name version-release`, with `epoch:` since the kits. */
export function applicationInventory(
  packages: readonly string[],
  publisher = 'bottlerocket-core-kit',
): string {
  const entries = packages.map((each) => {
    const [, name, epoch, version, release] = /^(\S+) (?:(\d+):)?([^-]+)-(.+)$/.exec(each) ?? [];
    return {
      ...{ Name: name, Publisher: publisher, Version: version, Release: release },
      ...(epoch !== undefined && { Epoch: epoch }),
      ...{ InstalledTime: '2026-06-19T00:28:59Z', ApplicationType: 'Unspecified', Architecture: 'x86_64' },
    };
  });
  return JSON.stringify({ Content: entries });
}

export function bottlerocketRoot(inventory: string, version = '1.62.0'): string {
  const root = temporaryFolder('root');
  const files = {
    'etc/os-release': `NAME=Bottlerocket\nID=bottlerocket\nVERSION="${version} (aws-k8s-1.34)"\nVERSION_ID=${version}\nPRETTY_NAME="Bottlerocket OS ${version} (aws-k8s-1.34)"\nVARIANT_ID=aws-k8s-1.34\n`,
    'usr/share/bottlerocket/application-inventory.json': inventory,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
