import { collectBy } from '../oval/conditions.ts';
import type { ObjectCollector } from '../oval/engine.ts';
import { failure } from '../oval/items.ts';
import { dpkgPackages, packagesNamed, rpmPackages } from './packages.ts';
import type { ImageSystem } from './probe.ts';

/** Types whose objects are packages. */
export const packageTypes: readonly string[] = ['linux/dpkginfo', 'linux/rpminfo'];

/** Collects packages as imageCollector does, without the code for anything else. */
export function packageCollector(system: ImageSystem): ObjectCollector {
  const context = { system };
  return (object, _id, variables) => {
    if (!packageTypes.includes(object.type))
      return failure('not collected', `objects of the type ${object.type} are not packages`);
    const named = packagesNamed(object, context);
    if (named) return named;
    return collectBy(object, variables, (conditions) =>
      (object.type === 'linux/rpminfo' ? rpmPackages : dpkgPackages)(conditions, context),
    );
  };
}
