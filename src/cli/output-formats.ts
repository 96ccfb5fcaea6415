/** A form that commands can print their result in. */
interface OutputFormat {
  name: string;
  /** Description, if the name is not enough. */
  help?: string;
  /** The part after the name and before the file: `-o template=TEMPLATE=FILE`. */
  takes?: string;
  /** A person reads it: nothing in it may steer the terminal but our own colours. Default: a program. */
  forPeople?: true;
  /** Commands that have it. Each brings what writes it, so that no command loads the writers of another. */
  commands: readonly string[];
}

const resultCommands = [
  'build',
  'feeds',
  'profiles',
  'inventory',
  'scan',
  'explain',
  'validate',
  'publish',
  'pull',
  'verify',
  'signed',
  'comply',
  'check',
  'eval',
  'diff',
  'snapshots',
  'export',
  'compare',
  'policy',
  'config',
  'info',
  'fleet',
  'fleet list',
  'fleet run',
  'fleet news',
  'fleet status',
  'fleet evidence',
  'fleet waivers',
  'fleet owners',
  'fleet sla',
  'fleet audit',
  'fleet token',
] as const;

/** Every form that `-o FORMAT[=FILE]` can name; a command's first one is its default. */
export const outputFormats = [
  { name: 'table', forPeople: true, commands: [...resultCommands, 'report'] },
  { name: 'json', commands: [...resultCommands, 'report'] },
  { name: 'cyclonedx', help: 'CycloneDX 1.6', commands: ['scan', 'inventory'] },
  { name: 'cyclonedx-1.7', commands: ['scan', 'inventory'] },
  { name: 'cyclonedx-vex', commands: ['scan'] },
  { name: 'spdx', help: 'SPDX 2.3 JSON', commands: ['scan', 'inventory'] },
  { name: 'openvex', commands: ['scan'] },
  { name: 'csaf', help: 'CSAF 2.0, profile VEX', commands: ['scan'] },
  { name: 'manifest', help: 'text file for the manifest form of OVAL', commands: ['inventory'] },
  { name: 'xccdf', help: 'XCCDF 1.2 result', commands: ['comply', 'report'] },
  { name: 'oval', help: 'OVAL results', commands: ['comply', 'eval'] },
  { name: 'arf', help: 'Asset Reporting Format 1.1', commands: ['comply', 'report'] },
  { name: 'sarif', help: 'SARIF 2.1.0, for code scanning', commands: ['scan', 'verify', 'comply', 'eval'] },
  { name: 'junit', commands: ['scan', 'verify', 'comply', 'eval'] },
  { name: 'gitlab', help: "GitLab's container scanning report", commands: ['scan'] },
  { name: 'github', help: "annotations in a GitHub workflow's log", commands: ['scan'] },
  { name: 'markdown', help: 'a comment for a pull request', commands: ['scan', 'diff'] },
  { name: 'markdown', help: 'for a chat or a wiki', commands: ['fleet', 'fleet news'] },
  { name: 'atom', help: 'for feed readers', commands: ['fleet', 'fleet news'] },
  {
    name: 'csv',
    commands: [
      'scan',
      'fleet list',
      'fleet waivers',
      'fleet owners',
      'fleet sla',
      'fleet audit',
      'fleet token',
      'fleet evidence',
    ],
  },
  { name: 'copa', help: 'patch report for Copacetic', commands: ['scan'] },
  { name: 'dependency-track', help: 'CycloneDX VEX for Dependency-Track', commands: ['scan'] },
  { name: 'generic-findings', help: "DefectDojo's Generic Findings Import", commands: ['scan'] },
  { name: 'template', takes: 'TEMPLATE', help: 'your own Mustache template', commands: ['scan'] },
  {
    name: 'html',
    commands: ['scan', 'comply', 'eval', 'diff', 'guide', 'report', 'check', 'fleet evidence'],
  },
] as const satisfies readonly OutputFormat[];

type AnyFormat = (typeof outputFormats)[number];

/** A command that prints a result. */
export type OutputCommand = AnyFormat['commands'][number];

/** Names of a command's formats. */
export type FormatOf<
  Name extends OutputCommand,
  Format extends AnyFormat = AnyFormat,
> = Format extends AnyFormat ? (Name extends Format['commands'][number] ? Format['name'] : never) : never;
