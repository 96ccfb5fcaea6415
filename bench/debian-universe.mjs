// A made-up Debian of real size and shape: source packages, their versions in each release, and their flaws.
// Everything follows from numbers, so that two runs and two machines make the same bytes.

/** Codename, suffix of its stable updates, and how far its versions are along each source's history (0 to 1). */
export const releases = [
  { codename: 'bullseye', suffix: '+deb11u', progress: 0.62 },
  { codename: 'bookworm', suffix: '+deb12u', progress: 0.76 },
  { codename: 'trixie', suffix: '+deb13u', progress: 0.9 },
  { codename: 'forky', suffix: '', progress: 0.99 },
  { codename: 'sid', suffix: '', progress: 1 },
];

/** Shares of all flaws, as seen in the real tracker: two packages make up a third. */
const giants = {
  linux: 0.2,
  chromium: 0.12,
  'firefox-esr': 0.04,
  thunderbird: 0.035,
  webkit2gtk: 0.015,
  imagemagick: 0.012,
};

/** Sources of a minimal image and of common servers; their binaries have their real names. */
const known = {
  openssl: ['openssl', 'libssl3'],
  curl: ['curl', 'libcurl4', 'libcurl3-gnutls'],
  zlib: ['zlib1g'],
  glibc: ['libc6', 'libc-bin'],
  bash: ['bash'],
  perl: ['perl-base', 'perl', 'libperl5.36', 'perl-modules-5.36'],
  'util-linux': ['util-linux', 'bsdutils', 'mount', 'libuuid1', 'libblkid1', 'libmount1', 'libsmartcols1'],
  dpkg: ['dpkg'],
  apt: ['apt', 'libapt-pkg6.0'],
  systemd: ['systemd', 'libsystemd0', 'libudev1', 'udev'],
  libxml2: ['libxml2', 'libxml2-utils'],
  gnutls28: ['libgnutls30'],
  coreutils: ['coreutils'],
  tar: ['tar'],
  gzip: ['gzip'],
  sqlite3: ['libsqlite3-0', 'sqlite3'],
  expat: ['libexpat1'],
  krb5: ['libkrb5-3', 'libgssapi-krb5-2', 'libk5crypto3', 'libkrb5support0'],
  ncurses: ['libtinfo6', 'ncurses-base', 'ncurses-bin', 'libncursesw6'],
  shadow: ['login', 'passwd'],
  pam: ['libpam0g', 'libpam-modules', 'libpam-modules-bin', 'libpam-runtime'],
  openssh: ['openssh-client', 'openssh-server', 'openssh-sftp-server'],
  'python3.11': ['python3.11', 'python3.11-minimal', 'libpython3.11-stdlib', 'libpython3.11-minimal'],
  'postgresql-15': ['postgresql-15', 'postgresql-client-15', 'libpq5'],
  apache2: ['apache2', 'apache2-bin', 'apache2-data', 'apache2-utils'],
  nginx: ['nginx', 'nginx-common'],
  'php8.2': ['php8.2-cli', 'php8.2-common', 'php8.2-fpm', 'libapache2-mod-php8.2'],
};

const words =
  'acorn amber anvil apple arrow aspen atlas badge baker basil beacon birch bison blaze bloom bolt brook cabin cedar cider clay cloud cobalt coral crane creek dawn delta drift eagle echo elder ember fable falcon fern field flint forge frost gale garnet glade grove harbor hazel heron holly indigo iris ivory jade juniper kestrel lagoon lark laurel ledger lily linden lotus lunar maple marble marsh meadow mint mosaic nectar north oasis ocean olive onyx orbit otter pearl pebble pine plume poplar prism quartz quill rain raven reef ridge river robin rowan saffron sage slate sorrel spruce stone swift teal thistle tide timber topaz tulip umber vale velvet violet walnut willow wren yarrow zephyr'.split(
    ' ',
  );
const kinds = [
  (a, b) => `lib${a}-${b}-perl`,
  (a, b) => `python-${a}-${b}`,
  (a, b) => `golang-github-${a}-${b}`,
  (a, b) => `node-${a}-${b}`,
  (a, b) => `rust-${a}-${b}`,
  (a, b) => `r-cran-${a}${b}`,
  (a, b) => `haskell-${a}-${b}`,
  (a, b) => `lib${a}${b}`,
  (a, b) => `${a}-${b}`,
];

/**
 * Sources of the whole archive, those with flaws first. `yearly`: numbers of CVE ids begin anew each year and are as dense as the
 * real ones that distributions speak of, about one in six, which matters for what is stored by thousands of numbers.
 */
export function universe({ sources = 4000, cves = 40_000, roster = 30_000, yearly = false } = {}) {
  const names = sourceNames(Math.max(roster, sources));
  // A tenth of the flaws is counted in two packages.
  const counts = flawCounts(names.slice(0, sources), cves * 1.1);
  const all = names.map((name, at) => makeSource(name, at, counts[at] ?? 0));
  assignIds(all, cves, yearly ? yearlyNumbers(cves) : (number) => 1000 + number);
  return all;
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function sourceNames(count) {
  const names = [...Object.keys(giants), ...Object.keys(known)];
  for (let at = 0; names.length < count; at++) {
    const a = words[at % words.length];
    const b = words[Math.floor(at / words.length) % words.length];
    const kind = kinds[(at + Math.floor(at / words.length)) % kinds.length];
    names.push(kind(a, `${b}${at >= words.length ** 2 ? at : ''}`));
  }
  return names.slice(0, count);
}

/** A few giants, then a long tail (Zipf). */
function flawCounts(names, cves) {
  const weights = names.map((name, at) => giants[name] ?? 0.5 / (at + 8) ** 0.9);
  const tail = names.reduce((sum, name, at) => sum + (giants[name] ? 0 : weights[at]), 0);
  const left = 1 - Object.values(giants).reduce((a, b) => a + b, 0);
  return names.map((name, at) =>
    Math.max(1, Math.round(cves * (giants[name] ?? (weights[at] / tail) * left))),
  );
}

function makeSource(name, seed, flaws) {
  const next = random(seed + 1);
  const epoch = next() < 0.06 ? `${1 + Math.floor(next() * 3)}:` : '';
  const major = 1 + Math.floor(next() * 9);
  // Flaws are fixed a few at a time: one upload ends four of them on average.
  const uploads = Math.max(4, Math.ceil(flaws / 4));
  const version = (upload) =>
    `${epoch}${major}.${Math.floor(upload / 8)}.${upload % 8}-${1 + ((upload + seed) % 3)}`;
  const base = Object.fromEntries(
    releases.map(({ codename, progress }) => [codename, Math.floor(uploads * progress)]),
  );
  const binaries = known[name] ?? binaryNames(name, next);
  return { name, seed, flaws, uploads, version, base, binaries, ids: [] };
}

function binaryNames(name, next) {
  const extra = ['dev', 'doc', 'common', 'data'].filter(() => next() < 0.28);
  return [name, ...extra.map((suffix) => `${name}-${suffix}`)];
}

/** Ids in the order of the years; one in ten flaws is shared with another package that has a copy of the code. */
function assignIds(sources, cves, numberOf) {
  let number = 0;
  for (const source of sources) {
    const next = random(source.seed + 7);
    for (let at = 0; at < source.flaws; at++) {
      const shared = number > 100 && next() < 0.1;
      const id = shared ? Math.floor(next() * number) : number++;
      source.ids.push(idOf(id, cves, numberOf));
    }
    source.ids = [...new Set(source.ids)];
  }
}

function idOf(number, cves, numberOf) {
  if (number % 211 === 0) return `TEMP-0000000-${(number + 0xa00000).toString(16).toUpperCase().slice(0, 6)}`;
  return `CVE-${yearOf(number, cves)}-${numberOf(number)}`;
}

/** Half of all ids are of the last five years. */
function yearOf(number, cves) {
  const age = ((number * 7919) % cves) / cves;
  return 2026 - Math.floor(20 * age ** 2);
}

/** The flaws of a source lie all over the numbers of their years. */
function yearlyNumbers(cves) {
  const density = 6;
  const counts = new Map();
  const ranks = Array.from({ length: Math.ceil(cves * 1.2) }, (_, number) => {
    const year = yearOf(number, cves);
    const rank = counts.get(year) ?? 0;
    counts.set(year, rank + 1);
    return rank;
  });
  return (number) => {
    const rank = ranks[number];
    const place = (rank * 7919) % counts.get(yearOf(number, cves));
    return 1000 + density * place + ((rank * 31) % density);
  };
}
