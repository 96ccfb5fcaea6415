// Texts of a system package: its description, and the README with all that it and its pages name, in the places that they
// have to each other.
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';

export const description = [
  'Compiles the security data of Debian, Red Hat, Ubuntu, SUSE, AlmaLinux, Rocky,',
  'Oracle, Alpine, Amazon, Anolis, Arch, Azure Linux, Mariner, Bottlerocket, Chainguard,',
  'CleanStart, DHI, Echo, Fedora, Gentoo, MinimOS, openEuler, Photon, SecureOS and Wolfi into a feed that works without a',
  'network, and judges images, root file systems and SBOMs. Evaluates OVAL and SCAP content of',
  'others too.',
];

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
];
const folders = ['docs', 'examples', 'schemas', 'templates'];

/** @returns {string[]} paths in the repository, sorted */
export function documents() {
  const inside = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => posix.join(parentPath, name)),
  );
  return [...pages, 'action.yml', ...inside].sort();
}
