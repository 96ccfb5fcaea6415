import type { Judge } from '../../contract.ts';
import { sourceMatcher } from '../../shared/match-source.ts';
import { ubuntuRule } from './channels.ts';
import { isUbuntuKernel } from './kernel.ts';
import { ubuntuPages } from './pages.ts';

export const ubuntuJudge: Judge = {
  id: 'ubuntu',
  databases: ['deb'],
  rates: true,
  pages: ubuntuPages,
  kernel: isUbuntuKernel,
  publishesCvss: true,
  options: [
    {
      name: 'pro',
      type: 'flag',
      help: 'fixes of Ubuntu Pro can be installed (default: as the image says)',
    },
  ],
  matcher: (context) => sourceMatcher(ubuntuRule(context), context.all),
};
