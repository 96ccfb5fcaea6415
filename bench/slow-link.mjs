import { connect, createServer } from 'node:net';

/** Pieces that wait at the link before the sender is stopped, in ms of its time. */
const queued = 20;

/**
 * A TCP relay to a port of this machine whose answers take as long as over a link of so many bits a second, shared by all connections,
 * with a round trip of `latency` ms. Gives its port and how to end it.
 */
export async function slowLink(port, { bitsPerSecond, latency }) {
  const open = new Set();
  /** When the link is free again. */
  let free = 0;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const send = inOrder((piece) => {
      if (!client.destroyed && !client.write(piece)) upstream.pause();
    });
    client.on('drain', () => upstream.resume());
    const ask = inOrder((piece) => upstream.write(piece));
    client.on('data', (piece) => ask(piece, performance.now() + latency / 2));
    upstream.on('data', (piece) => {
      free = Math.max(free, performance.now()) + (piece.length * 8000) / bitsPerSecond;
      send(piece, free + latency / 2);
      const wait = free - performance.now() - queued;
      if (wait <= 0) return;
      upstream.pause();
      setTimeout(() => upstream.resume(), wait);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: server.address().port,
    stop: () =>
      new Promise((done) => {
        server.close(done);
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Hands pieces on in their order, each at its time. */
function inOrder(hand) {
  const waiting = [];
  let timer;
  const run = () => {
    timer = undefined;
    while (waiting.length > 0 && waiting[0].at <= performance.now()) hand(waiting.shift().piece);
    if (waiting.length > 0) timer = setTimeout(run, waiting[0].at - performance.now());
  };
  return (piece, at) => {
    waiting.push({ piece, at });
    if (timer === undefined) timer = setTimeout(run, at - performance.now());
  };
}
