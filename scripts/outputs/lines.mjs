// The command lines of `npm run outputs`. Paths are those of its work folder; `@NAME` is a file that the line writes.
import { every } from '../commands.mjs';

const guide = '/usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml';
const debian = 'oci:image:sample';
const ubi = 'oci:ubi:sample';
const feed = '--feed feed --max-age 0';
const profile = '--content debian12.json --profile anssi_np_nt28_minimal';

/** Makes what the lines read. */
export const preparation = [
  'build --source debian,cve-records,nvd,kev,epss --mirror mirror --unsigned-mirror --snapshots snapshots --out feed',
  'build --source redhat --mirror mirror --unsigned-mirror --snapshots rhel-snapshots --out rhel',
  `compile ${guide} -o debian12.json`,
  `compile feed/oval/debian-12.oval.xml -o debian12.oval.jsonl`,
  `inventory ${debian} -o json=inventory.json -o cyclonedx=bom.json -o spdx=bom.spdx.json`,
  `inventory ${ubi} -o cyclonedx=ubi.json`,
  `scan ${debian} ${feed} -o json=scan.json -o openvex=openvex.json -o csaf=csaf.json -o cyclonedx-vex=vex.cdx.json`,
  `comply ${debian} ${profile} -o json=comply.json -o xccdf=xccdf.xml -o arf=arf.xml`,
  `check ${debian} ${feed} ${profile} -o json=check.json`,
  `eval ${debian} --content feed/oval/debian-12.oval.xml -o oval=results.xml`,
  'keys make --keys keys --date 2026-01-31T00:00:00Z',
  'publish --feed feed --keys keys --to public --date 2026-01-31T00:00:00Z',
  'pull --from public --trust-root keys/1.root.json --platform debian-12 --out pulled',
];

const scanFormats =
  'table json csv sarif junit html markdown gitlab gitlab-codequality github cyclonedx cyclonedx-1.7 cyclonedx-vex openvex csaf spdx xccdf arf vex prometheus';
const complyFormats = 'table json xccdf arf html junit sarif csv markdown gitlab';

/** Each of them with each word, as `${before} ${word}`. */
const with_ = (before, words) => words.split(' ').map((word) => `${before} ${word}`);
const inFile = (before, words) => words.split(' ').map((word) => `${before} -o ${word}=@out`);

export const lines = [
  '--help',
  '--version',
  'nothing',
  'help scan',
  ...every.map(({ name }) => `${name} --help`),
  ...every.map(({ name }) => `help ${name} --man`),
  ...with_('completion', 'bash zsh fish'),
  ...every.map(({ name }) => `${name} --no-such-option`),

  // One image, several images, what is not there.
  ...inFile(`scan ${debian} ${feed}`, scanFormats),
  ...inFile(`scan ${debian} dir:rhel10 ${feed}`, scanFormats),
  ...inFile(`scan ${debian} ${feed} --all`, 'table json html sarif csv'),
  ...with_(
    `scan ${debian} ${feed}`,
    '--only-fixed --all --quiet --log=json --sort=epss --sort=package --sort=risk',
  ),
  ...with_(
    `scan ${debian} ${feed} --fail-on`,
    'any low medium high critical kev negligible unknown epss=0.5 high,kev nonsense',
  ),
  ...with_(`scan ${debian} ${feed} --severity`, 'high low critical nonsense'),
  ...with_(`scan ${debian} ${feed} --severity-from`, 'nvd vendor cisa cna nonsense'),
  ...with_(
    `scan ${debian} ${feed} --fail-on high`,
    '--fail-on unrated --fail-on unsettled --allow-uncovered',
  ),
  ...with_(`scan ${debian} ${feed} --platform`, 'debian-11 debian-13 rhel-9 linux/arm64 nonsense'),
  ...with_(`scan ${debian} ${feed} --vex`, 'openvex.json csaf.json vex.cdx.json bom.json nothing.json'),
  ...with_(`scan ${debian} ${feed} --baseline`, 'scan.json inventory.json nothing.json'),
  `scan ${debian} --feed feed`,
  `scan ${debian} --feed nothing`,
  `scan ${debian}`,
  `scan ${debian} --feed pulled --max-age 0`,
  `scan ${debian} --feed rhel --max-age 0`,
  `scan ${ubi} --feed rhel --max-age 0`,
  `scan ${ubi} --feed rhel --max-age 0 --allow-uncovered`,
  `scan ${ubi} --feed rhel --max-age 0 --stream eus`,
  ...inFile(`scan ${ubi} --feed rhel --max-age 0`, scanFormats),
  ...with_('scan --feed rhel --max-age 0', 'dir:rhel10 sbom:ubi.json nothing dir:nothing oci:nothing'),
  ...with_(
    `scan ${feed}`,
    'sbom:bom.json sbom:bom.spdx.json bom.json bom.spdx.json inventory.json dir:home tar:/dev/null',
  ),
  ...inFile(`scan sbom:bom.json ${feed}`, scanFormats),
  `scan ${debian} ${feed} --require-signed nothing.yaml`,
  `scan ${debian} ${feed} -o nonsense`,
  `scan ${debian} ${feed} -o table=/nothing/there`,

  ...inFile(`inventory ${debian}`, 'table json cyclonedx cyclonedx-1.7 spdx manifest'),
  ...inFile(`inventory ${ubi}`, 'table json cyclonedx cyclonedx-1.7 spdx manifest'),
  ...inFile(`inventory ${debian} dir:rhel10`, 'table json'),
  ...with_('inventory', 'sbom:bom.json sbom:bom.spdx.json sbom:ubi.json dir:rhel10 dir:home nothing'),

  ...with_('feeds --feed', 'feed rhel pulled nothing home'),
  ...inFile('feeds --feed feed', 'table json'),
  ...with_(`explain ${debian} CVE-2024-2961 ${feed} --snapshots snapshots`, 'libc6 glibc nothing -o=json'),
  `explain ${debian} CVE-2024-2961 ${feed} --snapshots snapshots`,
  `explain ${debian} CVE-1999-0001 ${feed} --snapshots snapshots`,
  `explain ${debian} DSA-5678-1 ${feed} --snapshots snapshots`,
  `explain ${ubi} CVE-2024-6923 --feed rhel --max-age 0 --snapshots rhel-snapshots`,
  `explain ${ubi} RHSA-2024:1879 gnutls --feed rhel --max-age 0 --snapshots rhel-snapshots`,

  ...inFile(`comply ${debian} ${profile}`, complyFormats),
  ...inFile(`comply ${debian} dir:rhel10 ${profile}`, complyFormats),
  ...with_(
    `comply ${debian} ${profile}`,
    '--all --fail-on=any --fail-on=high --fail-on=low --allow-unjudged --quiet',
  ),
  `comply ${debian} --content debian12.json --profile nothing`,
  `comply ${debian} --content ${guide}`,
  `comply ${debian} ${feed}`,
  ...inFile(`check ${debian} ${feed} ${profile}`, 'table json html junit sarif markdown csv'),
  ...inFile(`check ${debian} dir:rhel10 ${feed} ${profile}`, 'table json html junit sarif'),
  ...with_(`check ${debian} ${feed} ${profile} --fail-on`, 'any high critical'),

  ...inFile(`eval ${debian} --content feed/oval/debian-12.oval.xml`, 'table json oval sarif junit html'),
  ...inFile(`eval ${debian} --content debian12.oval.jsonl`, 'table json oval sarif junit html'),
  ...inFile(
    `eval ${debian} dir:rhel10 --content feed/oval/debian-12.oval.xml`,
    'table json oval sarif junit html',
  ),
  ...with_(`eval ${debian} --content debian12.oval.jsonl --fail-on`, 'any high critical'),
  ...with_(`eval ${debian} --content debian12.oval.jsonl`, '--all --class=patch --definition=nothing'),
  'eval sbom:bom.json --content feed/oval/debian-12.oval.xml',
  'eval dir:rhel10 --content rhel/oval/rhel-10.oval.xml',

  ...inFile(`verify ${debian}`, 'table json sarif junit html csv'),
  ...inFile(`verify ${debian} dir:rhel10`, 'table json sarif junit html csv'),
  ...with_(`verify ${debian} --fail-on`, 'any unowned changed setuid nonsense'),
  ...with_(`verify ${debian}`, '--all --allow=/usr/local/bin/*'),
  `signed ${debian}`,
  ...inFile(`signed ${debian}`, 'table json'),

  ...with_(
    'validate',
    'feed rhel feed/oval/debian-12.oval.xml xccdf.xml arf.xml results.xml bom.json nothing debian12.json',
  ),
  ...inFile('validate feed/oval/debian-12.oval.xml', 'table json'),
  ...with_(
    'info',
    `${guide} debian12.json debian12.oval.jsonl xccdf.xml arf.xml results.xml bom.json scan.json nothing`,
  ),
  ...inFile(`guide debian12.json --profile anssi_np_nt28_minimal`, 'html'),
  ...with_('profiles --content', `${guide} debian12.json bom.json nothing`),
  ...inFile('report xccdf.xml', 'table html'),
  ...inFile('report results.xml', 'table html'),
  ...inFile('report comply.json', 'table html'),
  ...inFile('report check.json', 'table html'),
  ...inFile('report arf.xml', 'json xccdf arf'),
  ...inFile('report comply.json', 'json xccdf arf'),
  ...with_('fix --results comply.json --type', 'bash ansible containerfile nonsense'),
  `tailor @ours.xml ${profile} --unselect apt_sources_list_official`,
  `tailor --list ${profile}`,
  'tailor --page debian12.json --profile anssi_np_nt28_minimal -o @page.html',

  ...with_(
    'export --feed feed --out @out --to',
    'trivy grype osv debsecan notus clair csaf oval ds nonsense',
  ),
  ...with_('export --feed rhel --out @out --to', 'trivy grype osv notus clair csaf oval'),
  'diff feed feed',
  'diff feed rhel',
  'diff feed pulled',
  ...inFile('diff feed rhel', 'table json'),
  ...inFile(`diff ${debian} ${ubi} ${feed}`, 'table json markdown html'),
  'bundle --from public --platform debian-12 --out @feed.bundle',
  'pull --from public --trust-root keys/1.root.json --platform debian-12 --out @pulled',
  'pull --from public --trust-root keys/1.root.json --platform nothing --out @pulled',
  'pull --from nothing --trust-root keys/1.root.json --out @pulled',
  'keys list --keys keys',
  'validate --rebuild feed --snapshots snapshots',
  'snapshots --snapshots snapshots',
  'config scan',
  'config',
  'config scan -o json -- --fail-on high',
  'policy check nothing.yaml',
  'build --source nothing --out @feed',
  'build --source debian --mirror nothing --unsigned-mirror --snapshots @snapshots --out @feed',
  'build --source debian --mirror mirror --unsigned-mirror --snapshots @snapshots --out @feed',
  'build --source redhat --mirror mirror --unsigned-mirror --snapshots @snapshots --out @feed -o json=@summary.json',
];
