import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeOciLayout } from '../../../scripts/oci-layout.mjs';
import { debianRelease, project, scapfeed, stanza } from '../../support/cli.ts';
import { smallStream } from '../../support/small-stream.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const openssl = (version: string) => stanza('libssl3', version, { Source: 'openssl' });

/** The files of an image with one package, by path. */
function filesWith(version: string): Record<string, string> {
  return {
    'etc/os-release': debianRelease('12', 'bookworm'),
    'etc/small.conf': 'setting1 = yes\nsetting2 = no\n',
    'usr/lib/libssl.so.3': 'changed',
    'usr/lib/libown.so': '\x7fELF',
    'var/lib/dpkg/status': openssl(version),
    'var/lib/dpkg/info/libssl3:amd64.list': '/.\n/usr\n/usr/lib\n/usr/lib/libssl.so.3\n',
    'var/lib/dpkg/info/libssl3:amd64.md5sums': '00000000000000000000000000000000  usr/lib/libssl.so.3\n',
  };
}

export const passphrase = 'twelve words would be better than these';

/** The command, run in a folder on 1 November 2026; its outcome must be one of these exit codes. */
export function command(folder: string, args: readonly string[], codes: readonly number[] = [0]): string {
  const env = {
    SOURCE_DATE_EPOCH: String(Date.parse('2026-11-01') / 1000),
    XDG_DATA_HOME: join(folder, 'home'),
    SCAPFEED_PASSPHRASE: passphrase,
  };
  const { code, out, err } = scapfeed(args, env, folder);
  if (!codes.includes(code ?? -1)) throw new Error(`scapfeed ${args.join(' ')} ended with ${code}: ${err}`);
  return out;
}

/**
 * A folder with what the examples of the library read: a feed, images, documents, a published feed. It is made once in a run of
 * tests, and copied.
 */
export function workshop(): string {
  const kept = join(tmpdir(), 'scapfeed-workshop');
  if (!existsSync(kept)) {
    try {
      renameSync(makeWorkshop(), kept);
    } catch (error) {
      // Another worker was first.
      if (!existsSync(kept)) throw error;
    }
  }
  const folder = temporaryFolder('library');
  execFileSync('cp', ['-a', `${kept}/.`, folder]);
  return folder;
}

function makeWorkshop(): string {
  const folder = temporaryFolder('library');
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const images = { image: '3.0.11-1~deb12u1', 'newer-image': '3.0.11-1~deb12u2' };
  for (const [image, version] of Object.entries(images))
    for (const [path, content] of Object.entries(filesWith(version))) write(`${image}/${path}`, content);
  const files = filesWith(images.image);
  writeOciLayout(join(folder, 'layout'), {
    tag: '1',
    created: '2026-01-01T00:00:00Z',
    layers: [{ command: 'COPY', files }],
  });
  const stream = smallStream({ profiles: { standard: [1, 2] } });
  write('benchmark.xml', stream);
  write('definitions.xml', /<oval_definitions.*?<\/oval_definitions>/s.exec(stream)![0]);
  write('variables.xml', variables);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  write('cosign.pub', publicKey.export({ type: 'spki', format: 'pem' }));
  write('passphrase', passphrase);
  write('trivy.json', JSON.stringify({ SchemaVersion: 2, ArtifactName: 'image', Results: [] }));
  const build = ['build', '--source', 'debian', '--no-ratings', '--mirror', 'sample:', '--unsigned-mirror'];
  command(folder, [...build, '--snapshots', 'snapshots', '--out', 'feed']);
  command(folder, ['inventory', 'dir:image', '-o', 'cyclonedx=sbom.json']);
  command(folder, ['keys', 'make', '--keys', 'keys']);
  command(folder, ['publish', '--feed', 'feed', '--to', 'public', '--keys', 'keys', '--date', today()]);
  copyFileSync(join(folder, 'keys/1.root.json'), join(folder, 'root.json'));
  write('package.json', '{"type":"module"}');
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(project, join(folder, 'node_modules/scapfeed'));
  symlinkSync(join(project, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  symlinkSync(join(project, 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'));
  return folder;
}

/** Signatures must not have expired when the examples pull. */
function today(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

const common = 'http://oval.mitre.org/XMLSchema/oval-common-5';
const variables = `<oval_variables xmlns="http://oval.mitre.org/XMLSchema/oval-variables-5" xmlns:oval="${common}"><generator><oval:schema_version>5.11</oval:schema_version><oval:timestamp>2026-10-01T00:00:00</oval:timestamp></generator><variables>${[1, 2, 3, 4].map((n) => `<variable id="oval:x:var:${n}" datatype="string" comment="level"><value>yes</value></variable>`).join('')}</variables></oval_variables>`;
