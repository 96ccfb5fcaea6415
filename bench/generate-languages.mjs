import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import definition from '../feeds/osv.json' with { type: 'json' };
import { writeOciLayout } from '../scripts/oci-layout.mjs';
import { zip } from '../scripts/zip.mjs';

/** OSV's archives of January 2025: records of flaws, their packages, and records of malicious packages. */
const sizes = {
  npm: [3_793, 2_666, 19_434],
  PyPI: [6_663, 1_105, 8_892],
  Go: [3_954, 945, 0],
  Maven: [5_309, 2_426, 0],
  'crates.io': [1_612, 695, 2],
  RubyGems: [892, 374, 807],
  NuGet: [684, 486, 743],
  Packagist: [4_288, 793, 0],
};

/** Enumerated versions of a record, so that all have as many as the real archives. */
const enumerated = { PyPI: 67, Maven: 65, Packagist: 79, RubyGems: 59, NuGet: 65 };

const prose =
  'A crafted request makes the parser follow a reference that it has left, which ends in disclosure. ';

/** Numbers from a seed (Park and Miller), the same on each machine. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Words of an alphabet of syllables, so that names and texts are compressed about as real ones are. */
function wordOf(next) {
  const syllables = ['ka', 'lo', 'mir', 'ten', 'su', 'par', 'dex', 'io', 'vel', 'qu', 'ran', 'ope'];
  return Array.from({ length: 2 + next(3) }, () => syllables[next(syllables.length)]).join('');
}

/** Writes a mirror of all ecosystems. `night`: some records are newer, others new. Returns the bytes of all records. */
export function writeLanguageMirror(mirror, share, night = 0) {
  let bytes = 0;
  for (const [ecosystem, [flaws, packages, malicious]] of Object.entries(sizes)) {
    const count = (number) => Math.ceil(number * share);
    const next = numbers(7);
    const names = Array.from({ length: count(packages) }, (_, at) => {
      const name = `${wordOf(next)}-${wordOf(next)}${at}`;
      if (ecosystem === 'Maven') return `org.${wordOf(next)}:${name}`;
      if (ecosystem === 'Go') return `github.com/${wordOf(next)}/${name}`;
      return ecosystem === 'Packagist' ? `${wordOf(next)}/${name}` : name;
    });
    const files = {};
    const add = (id, record) => {
      const text = JSON.stringify({ id, ...record });
      bytes += text.length;
      files[`${id}.json`] = text;
    };
    const more = night === 0 ? 0 : 2;
    for (let at = 0; at < count(flaws) + more; at++) {
      const isNewer = night > 0 && at < 3;
      // As many numbers are drawn each night, or all records would be others.
      const version = `${next(9)}.${next(30)}.${next(20) + (isNewer ? 20 : 0)}`;
      const record = `GHSA-${ecosystem.toLowerCase().replace(/\W/g, '')}-${String(at).padStart(5, '0')}`;
      const versions = Array.from({ length: enumerated[ecosystem] ?? 0 }, (_, of) => `0.${of}.${next(9)}`);
      add(record, {
        modified: isNewer ? '2026-11-21T00:00:00Z' : '2026-11-20T00:00:00Z',
        published: '2026-11-01T00:00:00Z',
        aliases: [`CVE-${2015 + next(11)}-${10_000 + next(80_000)}`],
        summary: `${wordOf(next)} ${wordOf(next)} in ${names[at % names.length]}`,
        details: prose.repeat(8 + next(16)),
        affected: [
          {
            package: { ecosystem, name: names[at % names.length] },
            ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: version }] }],
            ...(versions.length > 0 && { versions }),
          },
        ],
        references: Array.from({ length: 4 }, () => ({
          type: 'WEB',
          url: `https://example.org/${wordOf(next)}/${wordOf(next)}/${next(99_999)}`,
        })),
        database_specific: { severity: ['LOW', 'MODERATE', 'HIGH', 'CRITICAL'][next(4)] },
      });
    }
    // Of their own seed: more flaws make no others of them.
    const other = numbers(13);
    for (let at = 0; at < count(malicious) + (malicious > 0 ? more * 5 : 0); at++)
      add(`MAL-2025-${at}${ecosystem.length}`, {
        modified: '2026-11-20T00:00:00Z',
        summary: 'Malicious code',
        details: prose.repeat(3),
        affected: [
          {
            package: { ecosystem, name: `${wordOf(other)}-${wordOf(other)}-${at}` },
            ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
          },
        ],
      });
    const folder = join(mirror, new URL(definition.archives).host, ecosystem);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'all.zip'), zip(files));
  }
  return bytes;
}

/** An image of a distribution's release with many packages of npm, Java archives and wheels; or with the same files by names that no installer gives. */
export function writeLanguageImage(directory, counts, { isRead = true } = {}) {
  const next = numbers(11);
  const files = {
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    'var/lib/dpkg/status':
      'Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2\nMaintainer: x\nDescription: x\n\n',
  };
  const noise = (length) => Buffer.from(Array.from({ length }, () => next(256)));
  const code = noise(60_000);
  for (let at = 0; at < counts.npm; at++) {
    const name = `${wordOf(next)}-${at}`;
    files[`srv/node_modules/${name}/package.json`] = JSON.stringify({
      ...{ name, version: `1.${next(20)}.${next(20)}`, description: prose, license: 'MIT' },
      ...{ dependencies: { [wordOf(next)]: '^1.0.0' }, scripts: { test: prose } },
    });
    files[`srv/node_modules/${name}/index.js`] = prose.repeat(40);
  }
  for (let at = 0; at < counts.jars; at++) {
    const name = `${wordOf(next)}-${at}`;
    const properties = `groupId=org.example\nartifactId=${name}\nversion=2.${next(9)}.${next(9)}\n`;
    const classes = Array.from({ length: 40 }, (_, of) => [
      `org/example/${name}/C${of}.class`,
      code.subarray(of * 1_000, of * 1_000 + 5_000),
    ]);
    files[`srv/lib/${name}.jar`] = zip({
      'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n',
      [`META-INF/maven/org.example/${name}/pom.properties`]: properties,
      ...Object.fromEntries(classes),
    });
  }
  for (let at = 0; at < counts.wheels; at++) {
    const name = `${wordOf(next)}_${at}`;
    const folder = `usr/local/lib/python3.11/site-packages/${name}-1.${at}.dist-info`;
    files[`${folder}/METADATA`] =
      `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.${at}\n\n${prose.repeat(30)}`;
    files[`${folder}/RECORD`] = `${name}/__init__.py,sha256=x,10\n`.repeat(50);
  }
  const others = Object.entries(files).map(([path, content]) => [
    path.replace(/(package\.json|METADATA|RECORD|\.jar)$/, (name) => name.replace(/.$/, '_')),
    content,
  ]);
  const layers = [{ command: 'COPY', files: isRead ? files : Object.fromEntries(others) }];
  writeOciLayout(directory, {
    tag: 'bench',
    created: '2026-11-20T00:00:00Z',
    layers,
  });
}
