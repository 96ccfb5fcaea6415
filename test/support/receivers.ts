import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';

/**
 * Somebody's server that takes news over the web. `slow`: milliseconds before it answers; `before`: what is awaited before; `isDown`:
 * it takes nothing now.
 */
export async function openReceiver({
  slow = 0,
  before = async () => undefined,
  isDown = () => false,
}: {
  slow?: number;
  before?: () => Promise<void>;
  isDown?: () => boolean;
} = {}) {
  const posts: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, answer) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (isDown()) {
        answer.writeHead(503).end();
        return;
      }
      posts.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      });
      void before().then(() => setTimeout(() => answer.end(), slow));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    posts,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** As much of RFC 5321 as a mail needs. */
export async function openMailServer() {
  const received: string[] = [];
  const server = createTcpServer((socket) => {
    let text = '';
    let isData = false;
    socket.setEncoding('utf8');
    socket.write('220 test\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (part: string) => {
      text += part;
      for (;;) {
        const end = text.indexOf(isData ? '\r\n.\r\n' : '\r\n');
        if (end === -1) return;
        const said = text.slice(0, end);
        text = text.slice(end + (isData ? 5 : 2));
        if (isData) received.push(said);
        isData = !isData && /^DATA$/i.test(said);
        socket.write(isData ? '354 go on\r\n' : /^QUIT/i.test(said) ? '221 bye\r\n' : '250 fine\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, received, close: () => server.close() };
}
