/** The text of a report; one that can be long comes in parts, so that it is never in memory as a whole. */
export type ReportText = string | Iterable<string>;

/** Context for a writer: whether the report goes to stdout, whether it may use colours, and which tool made it. */
export interface ReportView {
  toTerminal: boolean;
  made?: string;
}

/** The writer of each format. Writers that load their code late are asynchronous. */
export type Writers<Format extends string> = Readonly<
  Record<Format, (view: ReportView) => ReportText | Promise<ReportText>>
>;
