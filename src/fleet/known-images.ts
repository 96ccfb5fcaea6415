import type { Queries } from './store/database.ts';

/** Digests of the images that are in the store, as this process knows them: they are not read again. */
export class KnownImages {
  #run: number | undefined;
  #digests: Promise<Set<string>> = Promise.resolve(new Set<string>());

  /**
   * Those that the store has, asked once a run: others read some meanwhile, and a prune forgets some. `onlyVerified`: one whose files
   * were never compared with its packages is read again.
   */
  async of(run: number, queries: Queries, onlyVerified: boolean): Promise<ReadonlySet<string>> {
    if (this.#run === run) return this.#digests;
    this.#run = run;
    this.#digests = digestsOf(queries, onlyVerified);
    // A failed request is repeated at the next use.
    this.#digests.catch(() => {
      this.#run = undefined;
    });
    return this.#digests;
  }

  /** This process has read it. */
  async add(digest: string): Promise<void> {
    (await this.#digests).add(digest);
  }
}

async function digestsOf(queries: Queries, onlyVerified: boolean): Promise<Set<string>> {
  const verified = onlyVerified ? 'WHERE id IN (SELECT image FROM fleet.verifications)' : '';
  const rows = await queries.query<{ digest: string }>(`SELECT digest FROM fleet.images ${verified}`);
  return new Set(rows.map(({ digest }) => digest));
}
