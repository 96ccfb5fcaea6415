import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { keptFolder, temporaryFolder } from './temporary.ts';

/**
 * Builds a Go program of one file with the libraries that Debian packages. Go keeps what it compiled by the content of its inputs, and
 * the programs of several tests share it, also from run to run.
 */
export function buildGo(source: string): string {
  const folder = temporaryFolder('go');
  const program = join(folder, basename(source, '.go'));
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GOPATH: '/usr/share/gocode',
    GO111MODULE: 'off',
    GOCACHE: keptFolder('scapfeed-go-cache'),
  };
  execFileSync('go', ['build', '-o', program, source], { env });
  return program;
}
