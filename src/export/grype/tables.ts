/** Tables of Grype's database, version 6.1.9. Its client makes indexes that are not here when it imports the file. */
export const schemaVersion = { model: 6, revision: 1, addition: 9 } as const;

const id = 'id integer primary key autoincrement';

/** Handles of packages that are affected, or not: the two tables have the same columns. */
const packageHandles = `${id}, vulnerability_id integer not null, operating_system_id integer, package_id integer, blob_id integer`;
const cpeHandles = `${id}, vulnerability_id integer not null, cpe_id integer, blob_id integer`;

export const tables: Readonly<Record<string, string>> = {
  db_metadata:
    'build_timestamp datetime not null, model integer not null, revision integer not null, addition integer not null',
  providers:
    'id text, version text, processor text, date_captured datetime, input_digest text, primary key (id)',
  blobs: `${id}, value text not null`,
  operating_systems: `${id}, name text, release_id text, major_version text, minor_version text, label_version text, codename text, channel text, eol_date datetime, eoas_date datetime`,
  operating_system_specifier_overrides:
    'alias text, version text, version_pattern text, codename text, channel text, replacement text, replacement_major_version text, ' +
    'replacement_minor_version text, replacement_label_version text, replacement_channel text, rolling numeric, ' +
    'applicable_client_db_schemas text, primary key (alias, version, version_pattern, replacement, replacement_major_version, ' +
    'replacement_minor_version, replacement_label_version, replacement_channel, rolling)',
  packages: `${id}, ecosystem text collate nocase, name text collate nocase`,
  package_specifier_overrides:
    'ecosystem text, replacement_ecosystem text, primary key (ecosystem, replacement_ecosystem)',
  vulnerability_handles: `${id}, name text not null collate nocase, status text not null, published_date datetime, modified_date datetime, withdrawn_date datetime, provider_id text not null, blob_id integer`,
  vulnerability_aliases:
    'name text collate nocase, alias text not null collate nocase, primary key (name, alias)',
  affected_package_handles: packageHandles,
  unaffected_package_handles: packageHandles,
  affected_cpe_handles: cpeHandles,
  unaffected_cpe_handles: cpeHandles,
  cpes: `${id}, part text not null, vendor text collate nocase, product text not null collate nocase, edition text, language text, software_edition text, target_hardware text, target_software text, other text`,
  package_cpes: 'cpe_id integer, package_id integer, primary key (cpe_id, package_id)',
  epss_metadata: 'date datetime not null',
  epss_handles: `${id}, cve text not null collate nocase, epss real not null, percentile real not null`,
  known_exploited_vulnerability_handles: `${id}, cve text not null collate nocase, blob_id integer`,
  cwe_handles: `${id}, cve text not null collate nocase, cwe text not null, source text, type text`,
  architecture_aliases: 'alias text, canonical text not null, primary key (alias)',
};

/** By these the client looks up; others it makes itself. */
export const indexes: Readonly<Record<string, string>> = {
  idx_os_version: 'operating_systems (major_version, minor_version)',
  idx_package_name: 'packages (name)',
  idx_vulnerability_provider: 'vulnerability_handles (name, provider_id)',
  idx_affected_vulnerability: 'affected_package_handles (vulnerability_id)',
  idx_affected_os: 'affected_package_handles (operating_system_id)',
  idx_affected_package: 'affected_package_handles (package_id)',
};
