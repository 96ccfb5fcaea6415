import type { OpenImageOptions } from '../image/index.ts';
import type { Wanted } from '../model/index.ts';
import type { OptionValues } from './command.ts';

/** Options of every command that reads an image. */
export const imageOptions = {
  arch: { type: 'string' },
} as const;

export const imageHelp = `IMAGE is one of
  DIR, dir:DIR              a root file system (/ is this machine)
  oci:DIR[:TAG]             an OCI layout
  oci-archive:FILE[:TAG]    the same as a tar
  docker-archive:FILE[:TAG] what \`docker save\` writes
`;

export function imageChoice(_values: OptionValues, wanted: Wanted): OpenImageOptions {
  return { wanted };
}
