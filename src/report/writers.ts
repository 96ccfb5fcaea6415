/** The text of a report; one that can be long comes in parts, so that it is never in memory as a whole. */
export type ReportText = string | Iterable<string>;

/** What a writer is told: whether the report goes to stdout, where it may have colours, and what it is made by. */
export interface ReportView {
  toTerminal: boolean;
  made?: string;
}

/** What makes a report of each format. Writers that load their code late are asynchronous. */
export type Writers<Format extends string> = Readonly<
  Record<Format, (view: ReportView) => ReportText | Promise<ReportText>>
>;
