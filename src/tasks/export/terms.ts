import { ScapfeedError } from '../../model/error.ts';
import type { Manifest } from '../../model/feed/index.ts';

/**
 * Refuses to export a feed with platforms whose licence does not allow to pass on what is made of their data. `accepted`: ids of sources.
 * @throws {ScapfeedError} TERMS_NOT_ACCEPTED
 */
export function requireExportTerms({ sources, platforms }: Manifest, accepted: readonly string[] = []): void {
  const restricted = sources.filter(({ id, terms }) => terms === 'restricted' && !accepted.includes(id));
  const wrong = restricted.filter(({ id }) => platforms.some(({ source }) => source === id));
  if (wrong.length === 0) return;
  const names = wrong.map(({ name, licence }) => `${name} (${licence})`).join(', ');
  throw new ScapfeedError({
    code: 'TERMS_NOT_ACCEPTED',
    message: `expected data whose licence allows an export, found ${names}`,
    where: platforms
      .filter(({ source }) => wrong.some(({ id }) => id === source))
      .map(({ id }) => id)
      .join(', '),
    remedy: `export a feed without it, or with ${wrong.map(({ id }) => `--accept-terms ${id}`).join(' ')} on your responsibility`,
  });
}
