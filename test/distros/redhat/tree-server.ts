import { createHash } from 'node:crypto';
import * as openpgp from 'openpgp';
import { zstdStored } from '../../../scripts/zstd-stored.mjs';
import { type RedHatDefinition, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { createSource } from '../../../src/distros/redhat/source.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import type { Snapshot, SnapshotStore } from '../../../src/sources/snapshots.ts';
import { type Behaviour, serve, type TestServer } from '../../support/http-server.ts';

/** A key of these tests' own; Red Hat's real one is tried in signature.oracle.test.ts. */
export const testKey = await openpgp.generateKey({
  userIDs: [{ name: 'test' }],
  type: 'ecc',
  format: 'object',
});

export async function sign(bytes: Uint8Array): Promise<string> {
  const message = await openpgp.createMessage({ binary: bytes });
  return openpgp.sign({ message, signingKeys: testKey.privateKey, detached: true });
}

/** One tree as it stands on a server: path -> content; all that the protocol asks for is made from it. */
export interface TreeState {
  archiveDay: string;
  /** Path -> document in the archive. */
  archived: Record<string, string>;
  /** Path -> document and time of its change. */
  changed: Record<string, { text: string; time: string }>;
  deleted?: Record<string, string>;
}

export const treePath = '/vex/';

export function archiveFile({ archiveDay }: TreeState): string {
  return `csaf_vex_${archiveDay}.tar.zst`;
}

/** The tree's files by URL path, each with a good signature. */
export async function treeFiles(state: TreeState): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  const put = async (path: string, content: Buffer) => {
    files[treePath + path] = content;
    files[`${treePath + path}.asc`] = Buffer.from(await sign(content));
  };
  await put(archiveFile(state), zstdStored(tarOf(state.archived)));
  for (const [path, { text }] of Object.entries(state.changed)) await put(path, Buffer.from(text));
  for (const [path, text] of Object.entries(state.archived)) {
    if (!(path in state.changed)) await put(path, Buffer.from(text));
  }
  const lines = (times: Record<string, string>) =>
    Buffer.from(
      Object.entries(times)
        .map(([path, time]) => `"${path}","${time}"\n`)
        .join(''),
    );
  files[`${treePath}archive_latest.txt`] = Buffer.from(`${archiveFile(state)}\n`);
  files[`${treePath}changes.csv`] = lines(
    Object.fromEntries(Object.entries(state.changed).map(([path, { time }]) => [path, time])),
  );
  files[`${treePath}deletions.csv`] = lines(state.deleted ?? {});
  return files;
}

/** Serves files with ETags; `bad` paths behave as told instead. */
export function behaviours(
  files: Record<string, Buffer>,
  bad: Record<string, Behaviour> = {},
): Record<string, Behaviour> {
  const good = Object.entries(files).map(([path, content]): [string, Behaviour] => [path, withEtag(content)]);
  return { ...Object.fromEntries(good), ...bad };
}

export function withEtag(
  content: Buffer,
  etag = `"${createHash('sha256').update(content).digest('hex')}"`,
): Behaviour {
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag, 'content-length': content.length }).end(content);
  };
}

export function serveTree(
  files: Record<string, Buffer>,
  bad: Record<string, Behaviour> = {},
): Promise<TestServer> {
  return serve(behaviours(files, bad));
}

/** Fetches from one tree of a server; the other trees are not there. */
export async function fetchFrom(
  server: TestServer,
  store: SnapshotStore,
  limits: Partial<RedHatDefinition['limits']> = {},
  maps: RedHatDefinition['maps'] = {},
  hurried = {},
): Promise<Snapshot[]> {
  const http = createHttp({ limits: { firstDelay: 1, retries: 1, ...hurried } });
  try {
    const source = createSource({
      ...redHatDefinition,
      trees: {
        'redhat-vex': `${server.origin}${treePath}`,
        'redhat-vex-feed': `${server.origin}/vex-feed/`,
        'redhat-advisories': `${server.origin}/advisories/`,
      },
      maps,
      limits: { ...redHatDefinition.limits, pauseMilliseconds: 1, ...limits },
      signingKeys: testKey.publicKey.armor(),
    });
    return await source.fetch({ http, store, now: new Date(), progress: () => {} });
  } finally {
    await http.close();
  }
}

/** Paths asked for, signatures left out. */
export function asked(server: TestServer, from = 0): string[] {
  return server.requests
    .slice(from)
    .map(({ path }) => path)
    .filter((path) => path.startsWith(treePath) && !path.endsWith('.asc'))
    .map((path) => path.slice(treePath.length));
}

/** A ustar of regular files. */
export function tarOf(files: Record<string, string>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
