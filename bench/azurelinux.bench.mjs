// Azure Linux: the build of its release from Microsoft's own OVAL, and a scan. Only where that document is at hand.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { data, indexBuildFigures, inFolder, scanFigures, writeRpmRoot } from './build-and-scan.mjs';

const mirror = join(data, 'mirror');
const document = join(
  mirror,
  'raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/azurelinux-3.0-oval.xml',
);

export function run({ quick }) {
  if (!existsSync(document)) return [];
  return inFolder('azurelinux', async (folder) => {
    const feed = join(folder, 'feed');
    const text = readFileSync(document, 'utf8');
    const names = [...new Set([...text.matchAll(/<linux-def:name>([\w.+-]+)</g)].map(([, name]) => name))];
    const root = writeRpmRoot(folder, 'ID="azurelinux"\nVERSION_ID="3.0"\n', installed(names));
    return [
      ...(await indexBuildFigures({
        ...{ folder, mirror, feed, source: 'azurelinux', quick, what: 'Azure Linux 3.0' },
        note: `${(text.length / 1e6).toFixed(1)} MB, Microsoft's own document`,
        seconds: 10,
        megabytes: 700,
      })),
      ...(root ? await scanFigures(feed, root, 450, quick) : []),
    ];
  });
}

/** Of the sources that the document names, each with the builds that a system has of it; one in ten is not up to date. */
function installed(names) {
  return Array.from({ length: 450 }, (_, at) => {
    const [source, nth] = [names[at % names.length], Math.floor(at / names.length)];
    const build = `${at % 10 === 0 ? '0.1' : '99.1'}-1.azl3`;
    return {
      name: nth === 0 ? source : `${source}-part${nth}`,
      version: build.split('-')[0],
      release: '1.azl3',
      arch: 'x86_64',
      vendor: 'Microsoft Corporation',
      keyid: '0cd9fed33135ce90',
      sourcerpm: `${source}-${build}.src.rpm`,
    };
  });
}
