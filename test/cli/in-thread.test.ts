import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { debianRelease, project, rootWith, scapfeed, scapfeedProcess, stanza } from '../support/cli.ts';

const root = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('a', '1'),
});

describe('a command in the thread of the tests', () => {
  const commands = [
    ['--version'],
    ['--help'],
    ['scan', '--help'],
    ['nothing-of-this-name'],
    ['scan', 'nowhere'],
    ['scan', `dir:${root}`, '--fail-on', 'everything'],
    ['inventory', `dir:${root}`],
    ['inventory', `dir:${root}`, '-o', 'json'],
    ['verify', `dir:${root}`],
    ['feeds', '--feed', 'nowhere'],
    ['validate', join(project, 'package.json')],
    ['keys', 'list', '--keys', 'nowhere'],
    ['fleet', 'list', '--database', '/dev/null/fleet'],
  ];

  it.each(commands.map((args) => [args.join(' ').replace(root, 'ROOT').replace(project, ''), args] as const))(
    'writes and ends as a process does: %s',
    (_, args) => {
      expect(scapfeed(args)).toEqual(scapfeedProcess(args));
    },
  );

  it('knows nothing of the one before: neither its environment, nor its folder, nor what it wrote', () => {
    const first = scapfeed(['inventory', '.'], { SCAPFEED_INVENTORY_OUTPUT: 'json' }, root);
    expect(JSON.parse(first.out)).toMatchObject({ os: { id: 'debian' } });
    expect(scapfeed(['inventory', '.'], {}, root)).toEqual(scapfeedProcess(['inventory', '.'], {}, root));
    expect(process.cwd()).toBe(project);
  });
});
