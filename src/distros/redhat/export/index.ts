import type { DistroExport } from '../../../export/rows/distro-export.ts';
import { redHatTrivy } from './trivy.ts';

export const redHatExport: DistroExport = { ids: ['rhel', 'redhat-layered'], trivy: redHatTrivy };
