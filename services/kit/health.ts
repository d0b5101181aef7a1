/** How one part of a process is. */
export interface ComponentHealth {
  readonly status: 'UP' | 'DOWN';
  readonly details?: unknown;
}

export type Components = Readonly<Record<string, ComponentHealth>>;

export interface Health {
  readonly status: 'UP' | 'DOWN';
  readonly components: Components;
}

/** The whole is up when every part is. */
export function healthOf(components: Components): Health {
  const up = Object.values(components).every(({ status }) => status === 'UP');
  return { status: up ? 'UP' : 'DOWN', components };
}
