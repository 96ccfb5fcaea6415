import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** nginx over a folder, with lines of its server block. Gives its URL. */
export async function nginx(folder: string, ...directives: string[]): Promise<string> {
  const port = await freePort();
  const own = mkdtempSync(join(tmpdir(), 'scapfeed-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${own}/${kind};`,
  );
  writeFileSync(
    join(own, 'nginx.conf'),
    `daemon off; user root; pid ${own}/pid; error_log ${own}/error.log;
events {}
http {
  access_log off; ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${port}; root "${folder}"; default_type application/octet-stream;
    ${directives.join('\n    ')}
  }
}
`,
  );
  return started(port, 'nginx', '-c', join(own, 'nginx.conf'), '-e', join(own, 'error.log'));
}

/** Python's own server over a folder: HTTP/1.0, one answer a connection. */
export async function pythonServer(folder: string): Promise<string> {
  const port = await freePort();
  return started(port, 'python3', '-m', 'http.server', '--bind', '127.0.0.1', '-d', folder, `${port}`);
}

/** The same by HTTP/1.1 with `Connection: close`; bodies end with the connection if `lengths` is false. */
export async function closingServer(folder: string, { lengths = true } = {}): Promise<string> {
  const port = await freePort();
  const program = `
import functools, http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def send_header(self, name, value):
        if ${lengths ? 'True' : 'False'} or name.lower() != 'content-length': super().send_header(name, value)
    def end_headers(self):
        self.send_header('Connection', 'close')
        super().end_headers()
handler = functools.partial(Handler, directory=${JSON.stringify(folder)})
http.server.ThreadingHTTPServer(('127.0.0.1', ${port}), handler).serve_forever()
`;
  return started(port, 'python3', '-c', program);
}

/** The server ends with the process of the tests, however that ends; a hook made within a test would not run. */
async function started(port: number, command: string, ...args: string[]): Promise<string> {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], { stdio: 'ignore' });
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries === 100 || child.exitCode !== null) throw new Error(`${command} did not start on port ${port}`);
    await pause(100);
  }
  return `http://127.0.0.1:${port}`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
