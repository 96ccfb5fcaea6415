import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasOracle, npmCommand } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { contentOf } from './programs.ts';

/** A program with a vendored dependency, one that another module replaces, and one that a folder replaces. */
const files = {
  'go.mod': `module example.org/app
go 1.21
require (
	example.org/plain v1.2.3
	example.org/old v0.0.0-20220907171357-04be3eba64a2
	example.org/near v1.0.0
)
replace example.org/old => example.org/fork v2.0.0+incompatible
replace example.org/near => ./near
`,
  'main.go': `package main
import (
	_ "example.org/plain"
	_ "example.org/old"
	_ "example.org/near"
)
func main() { println("hello") }
`,
  'near/go.mod': 'module example.org/near\n',
  'vendor/modules.txt': `# example.org/plain v1.2.3
## explicit
example.org/plain
# example.org/old v0.0.0-20220907171357-04be3eba64a2 => example.org/fork v2.0.0+incompatible
## explicit
example.org/old
# example.org/near v1.0.0 => ./near
## explicit
example.org/near
# example.org/old => example.org/fork v2.0.0+incompatible
# example.org/near => ./near
`,
  ...Object.fromEntries(
    ['plain', 'old', 'near'].map((name) => [`vendor/example.org/${name}/x.go`, `package ${name}\n`]),
  ),
};

const builds = {
  'as usual': {},
  'position-independent, without symbols': {
    flags: ['-buildmode=pie', '-ldflags=-s -w -X main.version=1.0'],
  },
  'for 32 bits': { env: { GOARCH: '386' } },
  'for big-endian words': { env: { GOARCH: 's390x' } },
};

describe.skipIf(!hasOracle('go'))('go version -m', () => {
  it.each(Object.entries<{ flags?: string[]; env?: Record<string, string> }>(builds))(
    'lists the same modules of a program built %s',
    (_, { flags = [], env = {} }) => {
      const folder = temporaryFolder();
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      const offline = {
        GOPROXY: 'off',
        GOFLAGS: '-mod=vendor',
        GOTOOLCHAIN: 'local',
        GOWORK: 'off',
        CGO_ENABLED: '0',
      };
      execFileSync('go', ['build', ...flags, '-o', 'app'], {
        cwd: folder,
        env: { ...process.env, ...offline, ...env },
      });
      const { listed, toolchain } = modulesOf(join(folder, 'app'));
      const found = contentOf(readFileSync(join(folder, 'app')));

      expect(listed).toHaveLength(4);
      expect(found?.packages).toEqual([
        `stdlib ${toolchain}`,
        ...listed.filter((line) => !line.endsWith('(devel)')),
      ]);
      expect(found?.unread).toEqual([
        'example.org/app is built from a folder without a version',
        'example.org/near is replaced by a folder without a version',
      ]);
    },
    240_000,
  );

  const trivy = npmCommand('trivy');

  it.skipIf(trivy === undefined)('lists the same 400 modules of trivy', () => {
    const { listed, toolchain } = modulesOf(trivy!);
    const found = contentOf(readFileSync(trivy!));
    expect(listed.length).toBeGreaterThan(400);
    expect(found?.packages).toEqual([
      `stdlib ${toolchain}`,
      ...listed.filter((line) => !line.endsWith('(devel)')),
    ]);
  });

  it('names the toolchain of programs that Debian built without modules', () => {
    const programs = ['/usr/bin/cosign', '/usr/bin/oras', '/usr/bin/skopeo'].filter(() =>
      hasOracle('cosign', 'oras', 'skopeo'),
    );
    for (const program of programs)
      expect(contentOf(readFileSync(program))).toEqual({
        packages: [`stdlib ${modulesOf(program).toolchain}`],
        unread: ['built without modules'],
      });
  });
});

function modulesOf(program: string): { toolchain: string; listed: string[] } {
  const [head = '', ...lines] = execFileSync('go', ['version', '-m', program], { encoding: 'utf8' }).split(
    '\n',
  );
  const listed: string[] = [];
  for (const line of lines) {
    const [, kind, name, version] = line.split('\t');
    if (kind === '=>') listed.pop();
    if (kind === 'mod' || kind === 'dep' || kind === '=>') listed.push(`${name} ${version}`);
  }
  return { toolchain: /: go([\d.]+)/.exec(head)![1]!, listed };
}
