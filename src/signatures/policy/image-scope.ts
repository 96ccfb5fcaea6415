import { realpathSync } from 'node:fs';
import type { ImageReference } from '../../image/reference.ts';
import { askedName } from '../name-rule.ts';

/** An image as policies know it: the transport, and its scopes from the narrowest to the widest. */
export interface ImageScopes {
  transport: string;
  scopes: readonly string[];
}

/** "Supported transports and their scopes" of containers-policy.json(5). */
export function imageScopes(reference: ImageReference): ImageScopes {
  switch (reference.kind) {
    case 'registry': {
      const { repository, exact } = askedName(reference);
      const parents = upwards(repository);
      const host = (parents.at(-1) ?? '').replace(/:\d+$/, '');
      const labels = host.split('.');
      const wild = labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`);
      return { transport: 'docker', scopes: [exact ?? repository, ...parents, ...wild] };
    }
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
    case 'tar': {
      const transport = reference.kind === 'tar' ? 'oci-archive' : reference.kind;
      if (transport === 'docker-archive') return { transport, scopes: [] };
      // The path that the kernel would come to: a link must not lead to another scope.
      return { transport, scopes: upwards(realpathSync(reference.path)).filter((path) => path !== '') };
    }
    default:
      return { transport: reference.kind, scopes: [] };
  }
}

/** `a/b/c`, `a/b`, `a`. */
function upwards(name: string): string[] {
  const parts = name.split('/');
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('/'));
}
