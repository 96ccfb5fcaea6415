import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { project } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = temporaryFolder();

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Output of `code`, which has the functions of scripts/built.mjs, in the folder of a project. */
function printed(code: string): string {
  const program = `import { isBuilt, keepBuilt } from '${join(project, 'scripts/built.mjs')}'; ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

it('dist/ is built again when an input, a package or a file in it has changed, and only then', () => {
  write('src/a.ts', '1');
  write('scripts/page.mjs', '1');
  write('node_modules/.package-lock.json', '{}');
  write('dist/cli.cjs', '1');
  expect(printed('console.log(isBuilt()); keepBuilt(); console.log(isBuilt());')).toBe('false\ntrue\n');
  write('dist/command.cjs.v22.cache', 'compiled');
  write('docs/page.md', 'text');
  expect(printed('console.log(isBuilt());')).toBe('true\n');
  const changes = [
    () => write('src/a.ts', '2'),
    () => write('src/b.ts', ''),
    () => write('scripts/page.mjs', '2'),
    () => write('node_modules/.package-lock.json', '{ }'),
    () => write('dist/cli.cjs', '2'),
    () => rmSync(join(root, 'dist'), { recursive: true }),
  ];
  for (const change of changes) {
    change();
    expect(printed('console.log(isBuilt()); keepBuilt();'), `${change}`).toBe('false\n');
  }
});
