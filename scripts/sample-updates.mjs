// The sample's lists of updates of rpm repositories: facts of scripts/sample/errata.tsv as updateinfo, below each vendor's address.
import { createHash } from 'node:crypto';
import { gzip } from './gzip.mjs';

/** Files of the mirror by path, from rows of errata.tsv. */
export function updateFiles(rows) {
  const of = (vendor) => rows.filter(([name]) => name === vendor);
  const amazon = 'cdn.amazonlinux.com/al2023/core';
  const guid = `${amazon}/guids/7f0a5f4e/x86_64`;
  // Bodhi names CVEs in titles of bugs.
  const fedora = updates(of('fedora'), {
    author: 'updates@fedoraproject.org',
    collection: ['F43', 'Fedora 43'],
    title: (_, __, subject) => `${subject} of Fedora 43`,
    references: (cves, subject) =>
      cves.map(
        (cve, at) =>
          `<reference href="" id="${at + 1}" type="bugzilla" title="${cve} ${subject} [fedora-43]"/>`,
      ),
  });
  const ofFedora = ['x86_64', 'aarch64'].map((arch) =>
    repository(`dl.fedoraproject.org/pub/fedora/linux/updates/43/Everything/${arch}`, fedora),
  );
  return {
    [`${amazon}/mirrors/latest/x86_64/mirror.list`]: `https://${guid}/\n`,
    ...repository(
      guid,
      updates(of('amazon'), {
        author: 'linux-security@amazon.com',
        collection: ['amazon-linux-2023', 'Amazon Linux 2023'],
        title: (id, severity, subject) =>
          `Amazon Linux 2023 - ${id}: ${severity} priority package update for ${subject}`,
        references: (cves) =>
          cves.map(
            (cve) =>
              `<reference href="https://www.cve.org/CVERecord?id=${cve}" id="${cve}" title="" type="cve"/>`,
          ),
      }),
    ),
    ...Object.assign({}, ...ofFedora),
    'advisories.bottlerocket.aws/updateinfo.xml.gz': gzip(
      updates(of('bottlerocket'), {
        author: 'bottlerocket',
        collection: ['bottlerocket', 'Bottlerocket'],
        title: (_, __, subject) => subject,
        references: (cves) => cves.map((cve) => `<reference href="" id="${cve}" type="cve"/>`),
      }),
    ),
  };
}

function updates(rows, { author, collection: [short, name], title, references }) {
  const elements = rows.map(([, , id, severity, issued, cves, packages, subject]) =>
    [
      `<update author="${author}" from="${author}" status="final" type="security" version="1.4">`,
      `<id>${id}</id>`,
      `<title>${title(id, severity, subject)}</title>`,
      `<issued date="${issued}"/>`,
      `<updated date="${issued}"/>`,
      `<severity>${severity}</severity>`,
      `<description>An update of ${subject}</description>`,
      `<references>\n${references(cves.split(' '), subject).join('\n')}\n</references>`,
      `<pkglist><collection short="${short}"><name>${name}</name>`,
      ...packages.split(' ').map(packageElement),
      '</collection></pkglist>',
      '</update>',
    ].join('\n'),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n${elements.join('\n')}\n</updates>\n`;
}

function packageElement(nevra) {
  const [, name, epoch, version, release, arch] = /^(.+)-(\d+):([^-]+)-([^-]+)\.([^.]+)$/.exec(nevra);
  return `<package arch="${arch}" epoch="${epoch}" name="${name}" release="${release}" version="${version}"><filename>Packages/${name}-${version}-${release}.${arch}.rpm</filename></package>`;
}

/** The list, and repomd.xml with its digest. */
function repository(base, text) {
  const list = gzip(text);
  const digest = createHash('sha256').update(list).digest('hex');
  const open = createHash('sha256').update(text).digest('hex');
  const href = 'repodata/updateinfo.xml.gz';
  const repomd = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<repomd xmlns="http://linux.duke.edu/metadata/repo">',
    '<revision>1795478400</revision>',
    '<data type="updateinfo">',
    `<checksum type="sha256">${digest}</checksum>`,
    `<open-checksum type="sha256">${open}</open-checksum>`,
    `<location href="${href}"/>`,
    '<timestamp>1795478400</timestamp>',
    `<size>${list.length}</size>`,
    `<open-size>${text.length}</open-size>`,
    '</data>',
    '</repomd>',
  ];
  return { [`${base}/repodata/repomd.xml`]: `${repomd.join('\n')}\n`, [`${base}/${href}`]: list };
}
