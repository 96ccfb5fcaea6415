/** One package as the writers of SBOMs know it. */
export interface Written {
  name: string;
  version: string;
  source: string;
  sourceVersion: string;
}

/** The packages of the image in these tests: a source of another name, one of another version, an epoch. */
export const written: readonly Written[] = [
  { name: 'bash', version: '5.2.15-2+b2', source: 'bash', sourceVersion: '5.2.15-2' },
  { name: 'libssl3', version: '3.0.7-1', source: 'openssl', sourceVersion: '3.0.7-1' },
  { name: 'openssl', version: '3.0.7-1', source: 'openssl', sourceVersion: '3.0.7-1' },
  { name: 'zlib1g', version: '1:1.2.13.dfsg-1', source: 'zlib', sourceVersion: '1:1.2.13.dfsg-1' },
];

const lodash = 'pkg:npm/lodash@4.17.0';

/** syft: the epoch in the version, `upstream` where the source differs. */
function syftPurl({ name, version, source, sourceVersion }: Written): string {
  const upstream = source === name && sourceVersion === version ? '' : `&upstream=${upstreamOf()}`;
  return `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=debian-12${upstream}`;

  function upstreamOf(): string {
    return sourceVersion === version ? source : `${source}%40${encodeURIComponent(sourceVersion)}`;
  }
}

/** trivy: the epoch as a qualifier, the point release in `distro`, no source. */
function trivyPurl({ name, version }: Written): string {
  const [, epoch, rest = version] = /^(\d+):(.*)$/.exec(version) ?? [];
  const tail = epoch === undefined ? '' : `&epoch=${epoch}`;
  return `pkg:deb/debian/${name}@${encodeURIComponent(rest)}?arch=amd64&distro=debian-12.5${tail}`;
}

function parts(version: string): { version: string; release?: string; epoch?: string } {
  const [, epoch, rest = version] = /^(\d+):(.*)$/.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return {
    version: dash === -1 ? rest : rest.slice(0, dash),
    ...(dash === -1 ? {} : { release: rest.slice(dash + 1) }),
    ...(epoch === undefined ? {} : { epoch }),
  };
}

const syftTools = [{ vendor: 'anchore', name: 'syft', version: '0.94.0' }];

const syftCycloneDx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: {
    tools: syftTools,
    component: { type: 'container', name: 'app', version: `sha256:${'a'.repeat(64)}` },
  },
  components: [
    ...written.map((item) => ({
      type: 'library',
      name: item.name,
      version: item.version,
      purl: syftPurl(item),
    })),
    { type: 'library', name: 'lodash', version: '4.17.0', purl: lodash },
    {
      type: 'operating-system',
      name: 'debian',
      version: '12',
      properties: [
        { name: 'syft:distro:id', value: 'debian' },
        { name: 'syft:distro:versionID', value: '12' },
      ],
    },
  ],
};

const trivyCycloneDx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { tools: { components: [{ type: 'application', name: 'trivy', version: '0.60.0' }] } },
  components: [
    {
      type: 'operating-system',
      name: 'debian',
      version: '12.5',
      properties: [{ name: 'aquasecurity:trivy:Type', value: 'debian' }],
    },
    ...written.map((item) => {
      const source = parts(item.sourceVersion);
      return {
        type: 'library',
        name: item.name,
        version: item.version,
        purl: trivyPurl(item),
        properties: Object.entries({
          SrcName: item.source,
          SrcVersion: source.version,
          SrcRelease: source.release,
          SrcEpoch: source.epoch,
        }).flatMap(([name, value]) =>
          value === undefined ? [] : [{ name: `aquasecurity:trivy:${name}`, value }],
        ),
      };
    }),
    { type: 'application', name: 'app/package-lock.json' },
    { type: 'library', name: 'lodash', version: '4.17.0', purl: lodash },
  ],
};

const spdxHead = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app' };

const syftSpdx = {
  ...spdxHead,
  creationInfo: { creators: ['Organization: Anchore, Inc', 'Tool: syft-0.94.0'] },
  packages: [
    ...written.map((item, at) => ({
      name: item.name,
      SPDXID: `SPDXRef-Package-deb-${at}`,
      versionInfo: item.version,
      sourceInfo: 'acquired package info from DPKG DB: /var/lib/dpkg/status',
      externalRefs: [
        { referenceCategory: 'PACKAGE_MANAGER', referenceType: 'purl', referenceLocator: syftPurl(item) },
      ],
    })),
    {
      name: 'lodash',
      SPDXID: 'SPDXRef-Package-npm',
      externalRefs: [
        { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: lodash },
      ],
    },
  ],
};

const trivySpdx = {
  ...spdxHead,
  creationInfo: { creators: ['Organization: aquasecurity', 'Tool: trivy-0.60.0'] },
  packages: [
    { name: 'debian', SPDXID: 'SPDXRef-OperatingSystem-1', versionInfo: '12.5' },
    ...written.map((item, at) => ({
      name: item.name,
      SPDXID: `SPDXRef-Package-${at}`,
      versionInfo: item.version,
      sourceInfo: `built package from: ${item.source} ${item.sourceVersion}`,
      externalRefs: [
        { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: trivyPurl(item) },
      ],
    })),
    {
      name: 'lodash',
      SPDXID: 'SPDXRef-Package-lodash',
      externalRefs: [
        { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: lodash },
      ],
    },
  ],
};

const tagValue = [
  'SPDXVersion: SPDX-2.3',
  'DocumentName: app',
  'Creator: Tool: syft-0.94.0',
  ...written.flatMap((item, at) => [
    `PackageName: ${item.name}`,
    `SPDXID: SPDXRef-${at}`,
    `PackageVersion: ${item.version}`,
    'PackageComment: <text>two lines,',
    'PackageName: not a package</text>',
    `ExternalRef: PACKAGE-MANAGER purl ${syftPurl(item)}`,
  ]),
  'PackageName: lodash',
  `ExternalRef: PACKAGE-MANAGER purl ${lodash}`,
  'Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-0',
].join('\n');

const spdx3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    { '@id': '_:info', type: 'CreationInfo', specVersion: '3.0.1' },
    { type: 'Tool', name: 'syft-1.20.0' },
    { type: 'SpdxDocument', name: 'app' },
    ...written.map((item, at) => ({
      type: 'software_Package',
      spdxId: `urn:${at}`,
      name: item.name,
      software_packageVersion: item.version,
      ...(at % 2 === 0
        ? { software_packageUrl: syftPurl(item) }
        : { externalIdentifier: [{ externalIdentifierType: 'packageUrl', identifier: syftPurl(item) }] }),
    })),
    { type: 'software_Package', name: 'lodash', software_packageUrl: lodash },
    { type: 'Relationship', from: 'urn:0', to: ['urn:0'], relationshipType: 'contains' },
  ],
};

const syftJson = {
  artifacts: [
    ...written.map((item) => ({
      name: item.name,
      version: item.version,
      type: 'deb',
      purl: `pkg:deb/debian/${item.name}@${item.version}?arch=amd64`,
      metadataType: 'dpkg-db-entry',
      metadata: {
        package: item.name,
        source: item.source === item.name ? '' : item.source,
        version: item.version,
        sourceVersion: item.sourceVersion === item.version ? '' : item.sourceVersion,
        architecture: 'amd64',
      },
    })),
    {
      name: 'lodash',
      version: '4.17.0',
      type: 'npm',
      purl: lodash,
      locations: [{ path: '/app/package.json' }],
    },
  ],
  source: { type: 'image', target: { userInput: 'app:1', layers: [] } },
  distro: { id: 'debian', versionID: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)' },
  descriptor: { name: 'syft', version: '1.20.0' },
  schema: { version: '16.0.24' },
};

const trivyJson = {
  SchemaVersion: 2,
  ArtifactName: 'app:1',
  Metadata: { OS: { Family: 'debian', Name: '12.5' }, DiffIDs: [] },
  Results: [
    {
      Target: 'app:1 (debian 12.5)',
      Class: 'os-pkgs',
      Type: 'debian',
      Packages: written.map((item) => {
        const own = parts(item.version);
        const source = parts(item.sourceVersion);
        return {
          Name: item.name,
          Identifier: { PURL: trivyPurl(item) },
          Version: own.version,
          Release: own.release,
          Epoch: Number(own.epoch ?? 0),
          Arch: 'amd64',
          SrcName: item.source,
          SrcVersion: source.version,
          SrcRelease: source.release,
          SrcEpoch: Number(source.epoch ?? 0),
        };
      }),
    },
    {
      Target: 'app/package-lock.json',
      Class: 'lang-pkgs',
      Type: 'npm',
      Packages: [{ Name: 'lodash', Version: '4.17.0', Identifier: { PURL: lodash } }],
    },
  ],
};

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const cycloneDxXml = `<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">
  <metadata>
    <tools><tool><vendor>anchore</vendor><name>syft</name><version>0.94.0</version></tool></tools>
    <component type="container"><name>app</name></component>
  </metadata>
  <components>
    ${[
      ...written.map((item) => [item.name, item.version, syftPurl(item)] as const),
      ['lodash', '4.17.0', lodash] as const,
    ]
      .map(
        ([name, version, purl]) =>
          `<component type="library"><name>${name}</name><version>${escaped(version)}</version><purl>${escaped(purl)}</purl></component>`,
      )
      .join('\n    ')}
    <component type="operating-system"><name>debian</name><version>12</version></component>
  </components>
</bom>
`;

const text = (value: unknown) => JSON.stringify(value, undefined, 1);

const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://cyclonedx.org/bom',
  predicate: trivyCycloneDx,
};

const envelope = {
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(text(statement)).toString('base64'),
  signatures: [],
};

/** The same image in every format, as its usual writers write it. */
export const writtenSboms: Readonly<Record<string, string>> = {
  'syft, CycloneDX JSON': text(syftCycloneDx),
  'syft, CycloneDX XML': cycloneDxXml,
  'syft, SPDX JSON': text(syftSpdx),
  'syft, SPDX tag-value': tagValue,
  'syft, SPDX 3': text(spdx3),
  'syft, own JSON': text(syftJson),
  'trivy, CycloneDX JSON': text(trivyCycloneDx),
  'trivy, SPDX JSON': text(trivySpdx),
  'trivy, own JSON': text(trivyJson),
  'in-toto statement': text(statement),
  'DSSE envelope': text(envelope),
};
