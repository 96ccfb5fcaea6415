import { isScapfeedError } from '../../../src/model/error.ts';
import type { Image } from '../../../src/model/inventory/index.ts';

/** All that the view of an image says. */
export function said({ files, notes, digest }: Image): unknown {
  const paths: unknown[] = [];
  const walk = (path: string) => {
    for (const name of files.list(path === '' ? '/' : path)) {
      const child = `${path}/${name}`;
      const stat = files.stat(child, false);
      paths.push([
        child,
        stat,
        orCode(() => files.read(child)?.toString('latin1')),
        orCode(() => files.history(child).map(({ layer }) => layer)),
        orCode(() => files.packageFile?.(child)),
        files.removedBy?.(child),
      ]);
      if (stat?.type === 'directory') walk(child);
    }
  };
  walk('');
  return { paths, packageFiles: [...(files.packageFiles?.() ?? [])], notes, digest, layers: files.layers };
}

function orCode(get: () => unknown): unknown {
  try {
    return get();
  } catch (error) {
    return isScapfeedError(error) ? error.code : error;
  }
}
