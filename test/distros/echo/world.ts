import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temporary.ts';

/** Echo's statements by package and vulnerability. */
export type EchoWorld = Readonly<
  Record<string, Readonly<Record<string, { fixed_version?: string; severity?: string }>>>
>;

/** A mirror with the one document; a text is that of the document. */
export function writeEchoMirror(world: EchoWorld | string): string {
  const mirror = temporaryFolder('mirror');
  mkdirSync(join(mirror, 'advisory.echohq.com'));
  const text = typeof world === 'string' ? world : JSON.stringify(world);
  writeFileSync(join(mirror, 'advisory.echohq.com/data.json'), text);
  return mirror;
}

/** `binary version source sourceVersion` each, installed by dpkg. */
export function echoRoot(packages: readonly string[]): string {
  const root = temporaryFolder('root');
  const stanzas = packages.map((each) => {
    const [name, version, source = name, sourceVersion = version] = each.split(' ');
    return `Package: ${name}\nStatus: install ok installed\nMaintainer: Echo\nArchitecture: amd64\nSource: ${source} (${sourceVersion})\nVersion: ${version}\nDescription: made up\n`;
  });
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'var/lib/dpkg/status'), stanzas.join('\n'));
  writeFileSync(
    join(root, 'etc/os-release'),
    'NAME="Echo Linux"\nPRETTY_NAME="Echo Linux"\nID="echo"\nID_LIKE="debian"\nVERSION_ID="1"\nHOME_URL="https://echohq.com/"',
  );
  return root;
}
