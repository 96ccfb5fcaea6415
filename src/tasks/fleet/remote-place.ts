import { lookup } from 'node:dns/promises';
import { parseReference } from '../../image/index.ts';
import { hostOf, isOfLink, isOfMachine } from '../../io/http/addresses.ts';
import { ScapfeedError } from '../../model/error.ts';
import { keptReference } from './lasting-reference.ts';
import { requireRegistryPlace } from './registry-images.ts';

/**
 * A place that a remote caller may have this machine watch: images and tags of registries, no local files. The answer reveals neither
 * the machine's files nor its loopback services. Registries of private networks are accepted; `linkLocal`: link-local ones too.
 */
export async function remotePlace(
  kind: 'image' | 'registry',
  place: string,
  { linkLocal = false }: { linkLocal?: boolean } = {},
): Promise<string> {
  const host = kind === 'image' ? hostOfImage(place) : requireRegistryPlace(place).host;
  const wrong = (await addressesOf(host)).find(
    (address) => isOfMachine(address) || (!linkLocal && isOfLink(address)),
  );
  if (wrong === undefined) return place;
  const [what, remedy] = isOfMachine(wrong)
    ? ["the server's own machine", 'its registries are added by `scapfeed fleet add`']
    : [
        "a link-local address or a cloud's metadata service",
        'whoever runs the server can allow it with --allow-link-local-registry',
      ];
  throw new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: `expected a registry that others can reach, found ${what} (${wrong})`,
    where: place,
    remedy,
  });
}

function hostOfImage(place: string): string {
  const reference = parseReference(keptReference(place));
  if (reference.kind === 'registry') return reference.host;
  throw new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: 'expected an image of a registry, found another form of image',
    where: place,
    remedy: 'write it as registry.example/app:1; files of the server are added by `scapfeed fleet add`',
  });
}

/** All addresses of a name; none if it cannot be resolved now, which the runs report. */
async function addressesOf(host: string): Promise<string[]> {
  if (!URL.canParse(`https://${host}`)) return [];
  const name = hostOf(new URL(`https://${host}`));
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
