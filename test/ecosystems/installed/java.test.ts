import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { java } from '../../../src/ecosystems/installed/java.ts';
import { zipOf } from '../../support/zip.ts';

type Files = Parameters<typeof zipOf>[0];

const code = { 'org/example/Main.class': 'code' };
const pom = (group: string, artifact: string, version: string) => ({
  [`META-INF/maven/${group}/${artifact}/pom.properties`]: `#Made by a test\ngroupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
});
const manifest = (values: Record<string, string>) => ({
  'META-INF/MANIFEST.MF': `Manifest-Version: 1.0\r\n${Object.entries(values)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`,
});
const jar = (...files: Record<string, string | Buffer>[]) => zipOf(Object.assign({}, code, ...files));
const log4j = jar(pom('log4j', 'log4j', '1.2.17'));

function readBytes(path: string, bytes: Buffer) {
  const reader = java.begin(path, bytes.length);
  reader?.push(bytes);
  return reader?.end();
}

/** `NAME VERSION`, how it is known, and where it is; what is unread after a question mark. */
function read(path: string, files: Files | Buffer): string[] | undefined {
  const file = readBytes(path, Buffer.isBuffer(files) ? files : zipOf(files));
  const at = (inside?: string) => (inside === undefined ? '' : ` in ${inside}`);
  return (
    file && [
      ...file.packages.map(
        ({ name, version, by, inside }) => `${name} ${version}${by ? ` by ${by}` : ''}${at(inside)}`,
      ),
      ...file.unread.map(({ detail, inside }) => `? ${detail}${at(inside)}`),
    ]
  );
}

const noName = '? no group and artifact in pom.properties, manifest or path';

describe('a Java archive', () => {
  it.each(['jar', 'war', 'ear', 'par', 'hpi', 'jpi', 'lpkg', 'nar', 'sar', 'jmod', 'JAR'])(
    'is read as .%s',
    (extension) => {
      expect(read(`/opt/log4j-1.2.17.${extension}`, log4j)).toEqual(['log4j:log4j 1.2.17']);
    },
  );

  it.each(['/a/x-1-sources.jar', '/a/x-1-javadoc.jar', '/a/x-1-tests.jar', '/a/x-1-test-sources.jar'])(
    '%s has the metadata of a library and none of its code',
    (path) => {
      expect(java.begin(path, 100)).toBeUndefined();
      expect(read('/a/y.war', { [path.slice(3)]: log4j })).toEqual([]);
    },
  );

  it.each(['/jdk/jmods/java.base.jmod', '/jdk/jmods/jdk.zipfs.jmod', '/a/jar', '/a/x.jar.txt', '/a/x.zip'])(
    '%s is not looked at',
    (path) => expect(java.begin(path, 100)).toBeUndefined(),
  );

  it('is read in war, ear and jar, however they are nested', () => {
    const boot = jar(pom('org.example', 'shop', '3.0'), { 'BOOT-INF/lib/log4j-1.2.17.jar': log4j });
    expect(read('/srv/all.ear', { 'shop-3.0.war': boot, 'lib/': '' })).toEqual([
      'log4j:log4j 1.2.17 in shop-3.0.war!/BOOT-INF/lib/log4j-1.2.17.jar',
      'org.example:shop 3.0 in shop-3.0.war',
    ]);
  });

  it('is read behind the shell script of an executable jar of Spring Boot', () => {
    const script = Buffer.from('#!/bin/bash\nexec java -jar "$0"\nexit 0\n');
    expect(read('/srv/app.jar', Buffer.concat([script, log4j]))).toEqual(['log4j:log4j 1.2.17']);
  });

  it('is read with the backslashes of an old writer', () => {
    expect(read('/srv/a.war', { 'WEB-INF\\lib\\log4j.jar': log4j })).toEqual([
      'log4j:log4j 1.2.17 in WEB-INF/lib/log4j.jar',
    ]);
  });

  it('without classes has no code', () => {
    expect(read('/a/messages_de-1.0.jar', { 'messages_de.properties': 'a=b' })).toEqual([]);
    expect(readBytes('/a/empty.jar', Buffer.alloc(0))).toBeUndefined();
  });
});

describe('pom.properties', () => {
  const path = 'META-INF/maven/org.example/x/pom.properties';
  it.each<[string, string, string[]]>([
    ['escapes, spaces and colons', 'groupId : org.example\r\nartifactId = x\r\nversion=1.0\\:2\\-b', []],
    ['names in its path only', 'version=1', ['org.example:x 1']],
    ['a comment', '#version=1\n!version=3\nversion=2', ['org.example:x 2']],
    ['no version', 'groupId=org.example', ['? org.example:x without a version']],
    ['a value that no build filled in', `version=\${project.version}`, ['? org.example:x without a version']],
    ['a group that is none', 'groupId=a b\nversion=1', ['? pom.properties without group and artifact']],
  ])('with %s', (_, text, expected) => {
    const found = read('/a/x.jar', { ...code, [path]: text });
    expect(found).toEqual(
      expected
        .map((each) => (each.startsWith('?') ? `${each} in ${path}` : each))
        .concat(expected.length === 0 ? [`? org.example:x without a version in ${path}`] : []),
    );
  });

  it('of what is shaded in a jar is a package at its place (grype#553)', () => {
    const shaded = jar(
      pom('com.google.guava', 'guava', '29.0-jre'),
      pom('org.example', 'shaded-guava', '1.1'),
      pom('com.google.guava', 'failureaccess', '1.0.1'),
    );
    expect(read('/a/shaded-guava-1.1.jar', shaded)).toEqual([
      'com.google.guava:guava 29.0-jre in META-INF/maven/com.google.guava/guava/pom.properties',
      'org.example:shaded-guava 1.1',
      'com.google.guava:failureaccess 1.0.1 in META-INF/maven/com.google.guava/failureaccess/pom.properties',
    ]);
  });

  it('of a jar that is renamed is its own', () => {
    const one = jar(pom('org.apache.maven', 'maven-core', '3.9.9'));
    expect(read('/usr/share/java/maven3-core-3.9.9.jar', one)).toEqual(['org.apache.maven:maven-core 3.9.9']);
    expect(read('/app/app.jar', one)).toEqual(['org.apache.maven:maven-core 3.9.9']);
  });

  it('of another artifact does not name the jar that it is shaded in', () => {
    const inside = 'META-INF/maven/org.json/json/pom.properties';
    expect(read('/a/derby-10.14.2.0.jar', jar(pom('org.json', 'json', '20090211')))).toEqual([
      `org.json:json 20090211 in ${inside}`,
      noName,
    ]);
  });

  it('that says the same twice is one package', () => {
    const files = {
      ...code,
      ...pom('a.b', 'c', '1'),
      'WEB-INF/pom.properties': 'groupId=a.b\nartifactId=c\nversion=1',
    };
    expect(read('/a/c-1.jar', files)).toEqual(['a.b:c 1']);
  });
});

describe('without pom.properties', () => {
  it.each<[string, string, Record<string, string>, string]>([
    [
      "Jenkins' plugins state group, name and version",
      '/var/jenkins/gradle.hpi',
      { 'Group-Id': 'org.jenkins-ci.plugins', 'Short-Name': 'gradle', 'Plugin-Version': '2.11 (private)' },
      'org.jenkins-ci.plugins:gradle 2.11',
    ],
    [
      'Gradle states group and version, the file the artifact',
      '/a/elasticsearch-8.14.3.jar',
      { 'Implementation-Title': 'org.elasticsearch#server;8.14.3' },
      'org.elasticsearch:elasticsearch 8.14.3',
    ],
    [
      "vendor's id, symbolic name and file agree",
      '/a/jsoup.jar',
      {
        'Implementation-Vendor-Id': 'org.jsoup',
        'Bundle-SymbolicName': 'org.jsoup;singleton:=true',
        'Bundle-Version': '1.15.3',
      },
      'org.jsoup:jsoup 1.15.3',
    ],
    [
      "Tomcat's symbolic names have their form",
      '/a/embed-9.0.65.jar',
      { 'Bundle-SymbolicName': 'org.apache.tomcat-embed-core', 'Implementation-Version': '9.0.65' },
      'org.apache.tomcat.embed:tomcat-embed-core 9.0.65',
    ],
    [
      "of Tomcat's server too",
      '/usr/local/tomcat/lib/catalina.jar',
      { 'Bundle-SymbolicName': 'org.apache.tomcat-catalina', 'Implementation-Version': '10.1.1' },
      'org.apache.tomcat:tomcat-catalina 10.1.1',
    ],
  ])('%s', (_, path, values, expected) => {
    expect(read(path, jar(manifest(values)))).toEqual([`${expected} by manifest`]);
  });

  it('Spring is known by its title or file and its folder of classes (CVE-2022-22965)', () => {
    const beans = { 'org/springframework/beans/BeanWrapperImpl.class': 'code' };
    const values = { 'Implementation-Title': 'spring-beans', 'Implementation-Version': '5.3.17' };
    const expected = ['org.springframework:spring-beans 5.3.17 by manifest'];
    expect(read('/a/b.jar', jar(beans, manifest(values)))).toEqual(expected);
    const older = { 'Implementation-Title': 'Spring Framework', 'Implementation-Version': '2.5' };
    expect(read('/a/spring-core-2.5.jar', jar(beans, manifest(older)))).toEqual([
      'org.springframework:spring-core 2.5 by manifest',
    ]);
    expect(read('/a/spring-beans-5.3.17.jar', jar(manifest(values)))).toEqual([noName]);
    const boot = { 'org/springframework/boot/Banner.class': 'code' };
    const title = { 'Implementation-Title': 'Spring Boot', 'Implementation-Version': '2.7.1' };
    expect(read('/a/spring-boot-2.7.1.jar', jar(boot, manifest(title)))).toEqual([
      'org.springframework.boot:spring-boot 2.7.1 by manifest',
    ]);
  });

  it.each<[string, string, Record<string, string>]>([
    [
      'a symbolic name has no group (syft#5090: Derby)',
      '/a/derby-10.14.2.0.jar',
      { 'Bundle-SymbolicName': 'derby', 'Bundle-Version': '10.14.2000000' },
    ],
    [
      'what is before its artifact is another group (commons-beanutils)',
      '/a/commons-beanutils-1.9.4.jar',
      {
        'Bundle-SymbolicName': 'org.apache.commons.commons-beanutils',
        'Implementation-Vendor-Id': 'org.apache',
      },
    ],
    [
      "a vendor's id is an organisation's, not the group (org.apache.ivy)",
      '/a/ivy-2.4.0.jar',
      { 'Bundle-SymbolicName': 'org.apache.ivy', 'Implementation-Vendor-Id': 'org.apache' },
    ],
    [
      "an agent's stub of a framework is not the framework (syft#2596)",
      '/a/spring-instrumentation-4.3.0-1.0.jar',
      {
        'Implementation-Title': 'com.newrelic.instrumentation.spring-4.3.0',
        'Implementation-Version': '1.0',
        'Implementation-Vendor': 'New Relic',
      },
    ],
    ['an artifact alone is any group (neuvector#2205)', '/a/cron-1.0.jar', {}],
    [
      'vendor and product are no group and artifact (grype#431)',
      '/a/server-4.0.jar',
      {
        'Implementation-Vendor': 'Apache',
        'Implementation-Title': 'Struts',
        'Implementation-Version': '2.0',
      },
    ],
    [
      'a title is a sentence',
      '/a/x-1.jar',
      { 'Implementation-Title': 'a#b', 'Implementation-Vendor-Id': 'no group' },
    ],
  ])('%s: unread', (_, path, values) => {
    expect(read(path, jar(manifest(values)))).toEqual([noName]);
  });

  it('a repository says by its folders what a file is', () => {
    const path = 'org/example/deep/tool/1.0-SNAPSHOT/tool-1.0-20260101.000000-1.jar';
    expect(read(`/root/.m2/repository/${path}`, jar())).toEqual([
      'org.example.deep:tool 1.0-SNAPSHOT by file name',
    ]);
    const cached = `/root/.gradle/caches/modules-2/files-2.1/org.example/tool/1.0/${'a'.repeat(40)}/tool-1.0.jar`;
    expect(read(cached, jar())).toEqual(['org.example:tool 1.0 by file name']);
    for (const other of [`/srv/${path}`, '/root/.m2/repository/tool-1.0.jar', '/x/files-2.1/a/b/c.jar'])
      expect(read(other, jar())).toEqual([noName]);
  });

  it('a manifest is read only where no pom.properties names the archive', () => {
    const damaged = { name: 'META-INF/MANIFEST.MF', content: 'x', declared: { crc32: 1 } };
    const of = (files: Record<string, string>) =>
      zipOf([...Object.entries(files).map(([name, content]) => ({ name, content })), damaged]);
    const named = of({ ...code, ...pom('log4j', 'log4j', '1.2.17') });
    expect(read('/a/log4j-1.2.17.jar', named)).toEqual(['log4j:log4j 1.2.17']);
    expect(read('/a/other-1.jar', named)).toContainEqual(expect.stringContaining('? expected a zip archive'));
    expect(read('/a/log4j-1.2.17.jar', of(code))).toEqual([
      expect.stringContaining('content of another size or CRC than its directory has'),
      noName,
    ]);
  });

  it('a manifest continues its lines, and only its main section counts', () => {
    const text =
      'Manifest-Version: 1.0\nGroup-Id: org.jenkins-\n ci.plugins\nShort-Name: git\nPlugin-Version: 5\n\nName: x\nShort-Name: y\n';
    expect(read('/a/git.jpi', { ...code, 'META-INF/MANIFEST.MF': text })).toEqual([
      'org.jenkins-ci.plugins:git 5 by manifest',
    ]);
  });
});

describe('a hostile archive', () => {
  it.each<[string, Buffer]>([
    ['is no archive', Buffer.from('no zip')],
    ['is cut', log4j.subarray(0, log4j.length - 30)],
    ['has lost its end', log4j.subarray(0, 60)],
  ])('that %s is unread', (_, bytes) => {
    expect(read('/a/x.jar', bytes)).toEqual(['? expected a zip archive, found no directory at its end']);
  });

  it('is unread at its place, and the others are read', () => {
    const broken = Buffer.from(log4j).fill(0, log4j.length - 40);
    expect(read('/a/x.war', { 'lib/bad.jar': broken, 'lib/log4j-1.2.17.jar': log4j })).toEqual([
      'log4j:log4j 1.2.17 in lib/log4j-1.2.17.jar',
      '? expected a zip archive, found no directory at its end in lib/bad.jar',
    ]);
  });

  it('of eight levels is read and of nine is not', () => {
    let nested = log4j;
    for (let depth = 0; depth < 8; depth++) nested = zipOf({ 'a.jar': nested });
    expect(read('/a/x.jar', nested)).toEqual([`log4j:log4j 1.2.17 in ${Array(8).fill('a.jar').join('!/')}`]);
    expect(read('/a/x.jar', zipOf({ 'a.jar': nested }))).toEqual([
      `? nested deeper than 8 archives in ${Array(9).fill('a.jar').join('!/')}`,
    ]);
  });

  it('with lines of millions of characters is read at once', () => {
    const long = `${' '.repeat(2 ** 21)}${'a'.repeat(2 ** 21)}`;
    const names = ['Bundle-SymbolicName', 'Implementation-Title', 'Implementation-Version'];
    const text = `${names.map((name) => `${name}:${long}\n`).join('')}\n`;
    const properties = { 'META-INF/maven/a/b/pom.properties': `version${long}=${long}\nversion=1\n` };
    // Stored, as a denser entry is refused.
    const files = Object.entries({ ...code, 'META-INF/MANIFEST.MF': text, ...properties });
    const zip = zipOf(files.map(([name, content]) => ({ name, content, stored: true })));
    expect(read('/a/x-2.jar', zip)).toEqual([`a:b 1 in ${Object.keys(properties)[0]}`, noName]);
  });

  it('above 256 MiB is not held', () => {
    expect(java.begin('/a/x.jar', 2 ** 28 + 1)?.end()).toEqual({
      packages: [],
      unread: [{ ecosystem: 'maven', kind: 'damaged', detail: 'larger than 268435456 bytes' }],
    });
  });

  it('that inflates to more than 512 MiB in all is unread from there on', { timeout: 60_000 }, () => {
    // Not so dense that one of them is refused.
    const block = Buffer.alloc(2 ** 26);
    randomFillSync(block, 0, 2 ** 19);
    const inner = zipOf([{ name: 'x', content: block, stored: true }]);
    const middle = zipOf({ 'i.jar': inner });
    const files = Array.from({ length: 10 }, (_, at) => ({
      name: `${at}.jar`,
      content: middle,
      stored: true,
    }));
    const found = read('/a/x.jar', zipOf([...files, { name: 'log4j-1.2.17.jar', content: log4j }]))!;
    expect(found).toEqual([
      'log4j:log4j 1.2.17 in log4j-1.2.17.jar',
      ...[7, 8, 9].map((at) =>
        expect.stringMatching(`^\\? expected at most \\d+ bytes.* in ${at}.jar!/i.jar$`),
      ),
    ]);
  });

  it('of many packages or places ends at its limits', () => {
    const poms = Array.from({ length: 20_001 }, (_, at) => ({
      name: `${at}/pom.properties`,
      content: `groupId=a\nartifactId=b${at}\nversion=1`,
      stored: true,
    }));
    const found = readBytes('/a/x.jar', zipOf(poms))!;
    expect(found.packages).toHaveLength(20_000);
    expect(found.unread).toEqual([
      { ecosystem: 'maven', kind: 'damaged', detail: 'not read to its end: more than 20000 packages' },
    ]);
    const long = { [`${'d/'.repeat(2100)}x.jar`]: log4j };
    expect(read('/a/x.jar', long)).toEqual(['? not read to its end: a place of 4205 characters']);
  });

  it('of half a million entries ends there', { timeout: 60_000 }, () => {
    const many = zipOf(
      Array.from({ length: 50_000 }, (_, at) => ({ name: `${at}`, content: '', stored: true })),
    );
    const entries = Array.from({ length: 10 }, (_, at) => ({
      name: `${at}.jar`,
      content: many,
      stored: true,
    }));
    expect(read('/a/x.jar', zipOf(entries))).toEqual(['? not read to its end: more than 500000 entries']);
  });
});
