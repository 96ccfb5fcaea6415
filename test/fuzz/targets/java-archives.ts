import { java } from '../../../src/ecosystems/installed/java.ts';
import { zipOf } from '../../support/zip.ts';
import { damageBytes } from '../mutate.ts';
import { shorterList, type Target } from '../target.ts';

/** Packages of a file; undefined where a part of it is unread. */
function packagesOf(path: string, bytes: Buffer): string | undefined {
  const reader = java.begin(path, bytes.length);
  reader?.push(bytes);
  const file = reader?.end();
  if (!file || file.unread.length > 0) return undefined;
  return file.packages.map(({ name, version, inside = '' }) => `${name} ${version} ${inside}\n`).join('');
}

const properties = (artifact: string) => `groupId=org.example\nartifactId=${artifact}\nversion=1.0\n`;
const jarOf = (artifact: string, more: Record<string, string | Buffer> = {}) =>
  zipOf({
    'META-INF/MANIFEST.MF':
      'Manifest-Version: 1.0\nGroup-Id: org.example\nShort-Name: x\nPlugin-Version: 1\n',
    [`META-INF/maven/org.example/${artifact}/pom.properties`]: properties(artifact),
    'org/example/Main.class': 'code '.repeat(200),
    ...more,
  });

export const javaTargets: readonly Target[] = [
  {
    name: 'java-archive',
    seeds: async () => ({
      jar: jarOf('one'),
      war: jarOf('shop', {
        'WEB-INF/lib/one-1.0.jar': jarOf('one'),
        'WEB-INF/lib/two-1.0.jar': jarOf('two', { 'lib/three.jar': jarOf('three') }),
      }),
      executable: Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n'), jarOf('one')]),
    }),
    mutate: damageBytes,
    run: async (input) => packagesOf('/srv/shop-1.0.war', input),
    judge: shorterList,
  },
];
