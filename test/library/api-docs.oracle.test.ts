import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as library from '../../src/library/index.ts';
import { project } from '../support/cli.ts';
import { miss } from '../support/missing.ts';
import { temporaryFolder } from '../support/temporary.ts';

const program = join(project, 'scripts/api-docs');

function hasTypeDoc(): boolean {
  if (existsSync(join(program, 'node_modules/typedoc'))) return true;
  miss({ kind: 'data', name: `${program}/node_modules (npm ci)` });
  return false;
}

it.runIf(hasTypeDoc())('npm run docs:api makes a page of every function, without a warning', () => {
  const out = join(temporaryFolder(), 'api');
  const made = spawnSync(process.execPath, [join(program, 'main.mjs'), '--out', out], {
    cwd: project,
    encoding: 'utf8',
  });
  expect([made.status, made.stdout + made.stderr]).toEqual([0, expect.not.stringMatching(/warning|error/)]);
  const functions = Object.entries(library).filter(
    ([name, value]) => typeof value === 'function' && name !== 'ScapfeedError',
  );
  const pages = functions.map(([name]) => `${name}.html`);
  expect(readdirSync(join(out, 'functions')).sort()).toEqual(pages.sort());
});
