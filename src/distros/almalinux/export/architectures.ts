/** All that AlmaLinux builds for. */
export const almaArchitectures = ['aarch64', 'i686', 'noarch', 'ppc64le', 's390x', 'x86_64', 'x86_64_v2'];
