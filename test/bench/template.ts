/** What a peer's command line is told. */
export interface PeerValues {
  readonly brokers: string;
  readonly registry: string;
  readonly application: string;
  readonly orders: string;
  readonly payments: string;
  readonly alerts: string;
  readonly resolved: string;
  readonly stateDir: string;
  readonly threads: number;
  /** Allowed lateness, ms. */
  readonly lateness: number;
}

export const PLACEHOLDERS = [
  'brokers',
  'registry',
  'application',
  'orders',
  'payments',
  'alerts',
  'resolved',
  'stateDir',
  'threads',
  'lateness',
] as const satisfies readonly (keyof PeerValues)[];

/** Without these it would read or write something else than what is measured. */
const NEEDED: readonly string[] = ['brokers', 'application', 'orders', 'payments', 'alerts'];

/** What is wrong with a template, in words; undefined when it is fine. */
export function templateFault(template: string): string | undefined {
  const named = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const unknown = named.filter((name) => !PLACEHOLDERS.some((known) => known === name));
  if (unknown.length > 0)
    return `has {${unknown.join('}, {')}}; known are {${PLACEHOLDERS.join('}, {')}}`;
  const missing = NEEDED.filter((name) => !named.includes(name));
  return missing.length > 0 ? `lacks {${missing.join('}, {')}}` : undefined;
}

/**
 * A peer's command line for a shell, its placeholders filled in, quoted where they need to be.
 *
 * @example
 * expandTemplate('java -jar peer.jar application.id={application} …', values);
 */
export function expandTemplate(template: string, values: PeerValues): string {
  return template.replace(/\{(\w+)\}/g, (_, name: keyof PeerValues) =>
    quoted(String(values[name])),
  );
}

function quoted(value: string): string {
  return /^[\w.,:/=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
