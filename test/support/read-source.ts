import { expect } from 'vitest';
import { createHttp } from '../../src/io/http/create-http.ts';
import type { Source, SourceSink } from '../../src/sources/contract.ts';
import { openSnapshotStore } from '../../src/sources/snapshots.ts';
import { type Behaviour, serve } from './http-server.ts';
import { dated, hurriedLimits } from './misbehaviour.ts';
import { type CollectingSink, collectingSink } from './sources.ts';
import { temporaryFolder } from './temporary.ts';

interface ReadSettings<Sink> {
  sink?: Sink;
  /** Folder of the snapshots. Default: a new one. */
  snapshots?: string;
  /** Default: 24 November 2026. */
  now?: Date;
}

/** Fetches a source from a folder of its documents (absent: from its own addresses), reads it, and returns the sink. */
export async function readSource<Sink extends SourceSink = CollectingSink>(
  source: Source,
  mirror: string | undefined,
  { sink, snapshots = temporaryFolder(), now = new Date('2026-11-24') }: ReadSettings<Sink> = {},
): Promise<Sink> {
  const http = createHttp({ env: {}, ...(mirror !== undefined && { mirror }) });
  const store = openSnapshotStore(snapshots);
  // Without a sink the type is that of the usual one.
  const given = sink ?? (collectingSink(source.id) as SourceSink as Sink);
  try {
    await source.read(await source.fetch({ http, store, now, progress: () => undefined }), store, given);
  } finally {
    await http.close();
  }
  return given;
}

/** After a good document, a bad one at its address is refused with its code, and the last good one stays. */
export async function expectLastKept(
  sourceAt: (address: string) => Source,
  [path, good]: readonly [path: string, good: string | Uint8Array],
  { behaviour, code }: { behaviour: Behaviour; code: string },
): Promise<void> {
  const behaviours: Record<string, Behaviour> = { [path]: dated(good, '"1"') };
  await using server = await serve(behaviours);
  const source = sourceAt(server.origin + path);
  const store = openSnapshotStore(temporaryFolder());
  const fetch = async () => {
    const http = createHttp({ env: {}, limits: hurriedLimits });
    try {
      return await source.fetch({ http, store, now: new Date(), progress: () => undefined });
    } finally {
      await http.close();
    }
  };
  await fetch();
  const last = await store.list(source.id);
  expect(last).toHaveLength(1);
  behaviours[path] = behaviour;
  await expect(fetch()).rejects.toMatchObject({ code });
  expect(await store.list(source.id)).toEqual(last);
}
