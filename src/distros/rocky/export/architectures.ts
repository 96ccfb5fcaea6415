/** All that Rocky Linux builds for. */
export const rockyArchitectures = ['aarch64', 'i686', 'noarch', 'ppc64le', 'riscv64', 's390x', 'x86_64'];
