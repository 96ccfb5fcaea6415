// An endpoint that judges uploaded SBOMs, offline: POST /scan with the document as the body, of any format and compression that
// `scapfeed scan sbom:FILE` reads. The answer is the JSON of the scan, or SARIF with `Accept: application/sarif+json`.
//
//   npm install scapfeed fastify
//   node sbom-endpoint.ts FEED [PORT]
//
// Change: who may ask, limits, and where the feed comes from.
import fastify from 'fastify';
import { isScapfeedError, judge, openFeed, readSbom, writeReport } from 'scapfeed';

const [directory = 'feed', port = '8080'] = process.argv.slice(2);

/** Results are about the feed that was opened: start anew, or open it again, after a pull. */
const feed = openFeed(directory);
const server = fastify({ bodyLimit: 64 * 1024 * 1024 });
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
server.removeContentTypeParser(['application/json', 'text/plain']);

server.post('/scan', async (request, reply) => {
  // Whoever hangs up is not worked for, and nobody is worked for longer than a minute.
  const gone = new AbortController();
  request.raw.socket.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(60_000)]);
  const { image, inventory } = await readSbom(request.body as Buffer, { name: 'upload', signal });
  const scan = await judge(inventory, feed, { image, signal });
  const wantsSarif = request.headers.accept === 'application/sarif+json';
  reply.type(wantsSarif ? 'application/sarif+json' : 'application/json');
  return writeReport(scan, wantsSarif ? 'sarif' : 'json');
});

server.setErrorHandler((error, _request, reply) => {
  // Exit code 3 is the feed's fault, 2 and 4 are the document's.
  if (isScapfeedError(error)) {
    const { code, message, where, remedy, exitCode } = error;
    return reply.code(exitCode === 3 ? 503 : 422).send({ code, message, where, remedy });
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return reply.code(status).send({ code: 'INTERNAL', message: status < 500 ? String(error) : 'see the log' });
});

console.log(`listening on ${await server.listen({ port: Number(port), host: '127.0.0.1' })}`);
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    void server.close().then(() => feed.close());
  });
}
