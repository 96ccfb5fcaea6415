import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { project } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A process of its own that reads an image; its end says how many files of undici were loaded. */
function inventory(image: string, env: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const hook = join(folder, 'loaded.cjs');
  writeFileSync(
    hook,
    "process.on('exit', () => process.stderr.write('loaded ' + Object.keys(require.cache).filter((path) => path.includes('/undici/')).length));\n",
  );
  return spawn(
    process.execPath,
    ['--require', hook, join(project, 'dist/cli.cjs'), 'inventory', `registry:${image}`],
    { env: { PATH: process.env['PATH'], HOME: folder, ...env }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

describe('a command that asks a registry', () => {
  it('loads the parts of undici that send requests, which are a third of its files', async () => {
    const host = await listening(createServer((_, response) => response.writeHead(404).end('{}')));
    const child = inventory(`${host}/x:1`);
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    await once(child, 'close');
    expect(said).toContain('IMAGE_NOT_FOUND');
    const [, loaded] = /loaded (\d+)/.exec(said) ?? [];
    expect(Number(loaded)).toBeGreaterThan(0);
    expect(Number(loaded)).toBeLessThan(40);
  });

  it('has the part that makes tunnels through a proxy', async () => {
    const proxy = createServer();
    const host = await listening(proxy);
    const child = inventory('registry.invalid/x:1', { HTTPS_PROXY: `http://${host}` });
    const [{ url }, socket] = await once(proxy, 'connect');
    socket.destroy();
    child.kill();
    await once(child, 'close');
    expect(url).toBe('registry.invalid:443');
  });
});
