/** Whether what is shown goes on by itself. */
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import type { Connection } from '../live/use-ops.ts';
import { Badge } from './badges.tsx';

const words: Words<Record<Connection, string>> = {
  ja: {
    starting: '接続中',
    live: 'ライブ',
    lost: '再接続中（最新でない可能性）',
  },
  en: { starting: 'Connecting', live: 'Live', lost: 'Reconnecting; may be old' },
};
const tones = { starting: 'plain', live: 'good', lost: 'warn' } as const;

export function ConnectionBadge({ connection }: { connection: Connection }) {
  return (
    <span role="status">
      <Badge tone={tones[connection]}>{useWords(words)[connection]}</Badge>
    </span>
  );
}
