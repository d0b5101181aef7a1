import type { AlertDetail as Detail } from '../../contract-ops.ts';
import { Island } from '../../web/island.tsx';
import { useShell } from '../../web/page-context.tsx';
import AlertDetail from '../islands/alert-detail.tsx';

export function AlertPage({ detail }: { detail: Detail }) {
  const { session, now } = useShell();
  const csrf = session?.csrfToken ?? '';
  return <Island name="alert-detail" of={AlertDetail} props={{ detail, csrf, now }} />;
}
