import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ecosystemOf } from '../../../src/ecosystems/ecosystems.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { npmCommand } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { contentOf, rustProgram } from './programs.ts';

const trivy = npmCommand('trivy');

/** Crates that trivy lists of a program, sorted. */
function listed(program: Buffer): string[] {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'program'), program);
  chmodSync(join(folder, 'program'), 0o755);
  const bom = execFileSync(trivy!, ['rootfs', '--quiet', '--format', 'cyclonedx', folder], {
    encoding: 'utf8',
  });
  const { components = [] } = JSON.parse(bom) as {
    components?: { purl?: string; name: string; version: string }[];
  };
  return components
    .filter(({ purl }) => purl?.startsWith('pkg:cargo/'))
    .map(({ name, version }) => `${ecosystemOf('cargo')!.nameOf({ name })} ${version}`)
    .sort();
}

describe.skipIf(trivy === undefined)('trivy', () => {
  it('lists the same crates of a program', () => {
    const program = rustProgram([
      { name: 'app', version: '0.1.0', source: 'local' },
      { name: 'serde_json', version: '1.0.135' },
      { name: 'cc', version: '1.2.0', kind: 'build' },
      { name: 'ring', version: '0.17.8', source: 'git' },
    ]);
    expect(listed(program)).toEqual(['app 0.1.0', 'ring 0.17.8', 'serde-json 1.0.135']);
    expect(contentOf(program)?.packages.toSorted()).toEqual(listed(program));
  });

  const fixtures = [
    'scalibr/rust/cargoauditable/testdata/uses_serde_json/uses_serde_json',
    'trivy/parser/rust/binary/testdata/test.elf',
  ];

  it.skipIf(!hasData('interchange2', 'extract')).each(fixtures)('lists the same crates of %s', (file) => {
    const program = readFileSync(dataPath('interchange2', 'extract', file));
    expect(contentOf(program)?.packages.toSorted()).toEqual(listed(program));
  });
});
