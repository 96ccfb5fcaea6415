/** The text of a report; one that can be long comes in parts, so that it is never in memory as a whole. */
export type ReportText = string | Iterable<string>;

/** Capabilities of the destination of a report, and the input of its format. */
export interface ReportView {
  color: boolean;
  links: boolean;
  /** Columns of the terminal that it goes to. */
  columns?: number;
  /** Of a format that is made by a file, such as a template: the path. */
  made?: string;
}

/** A file: neither colours nor links. */
export const plainView: ReportView = { color: false, links: false };

/** The writer of each format. Writers that load their code late are asynchronous. */
export type Writers<Format extends string> = Readonly<
  Record<Format, (view: ReportView) => ReportText | Promise<ReportText>>
>;
