import type { DistroExport } from '../../../export/rows/distro-export.ts';
import type { ExportLine } from '../../../export/rows/rows.ts';
import type { TrivyContext } from '../../../export/rows/trivy-layout.ts';
import { plainLines } from './deb-lines.ts';
import { debBucket } from './trivy-deb.ts';

/** A vendor whose platforms are a bucket of plain rows each, by Trivy's name for it. */
interface PlainVendor {
  name: string;
  data: string;
  page: string;
  /** Absent: Trivy does not know it. */
  trivy?: string | undefined;
}

type BucketForm = Pick<Parameters<typeof debBucket>[0], 'causes' | 'rowSeverity'> & {
  /** Default: every claim is a row. */
  lines?(context: TrivyContext, platform: string): Iterable<ExportLine>;
};

/** Trivy's database of such a vendor. */
export function plainTrivy(
  { name, data, page, trivy }: PlainVendor,
  { lines, ...form }: BucketForm,
): NonNullable<DistroExport['trivy']> {
  return {
    buckets: (platforms, context) => {
      if (trivy === undefined) {
        for (const { id } of platforms) context.inexact.without(id, `Trivy does not know ${name}`);
        return [];
      }
      return platforms.map(({ id }) =>
        debBucket(
          {
            name: trivy,
            platform: id,
            source: { ID: trivy, Name: `${data}, compiled by scapfeed`, URL: page },
            lines: () => lines?.(context, id) ?? plainLines(context.feed, id),
            ...form,
          },
          context,
        ),
      );
    },
  };
}
