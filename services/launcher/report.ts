import type { Progress, Report } from './infra/types.ts';

/** How often a download's progress is worth a line where lines are not overwritten. */
const QUIET_MS = 2000;

/**
 * Progress as lines of text, one for each change, for logs and pipes: `kafka          ready in 3.1 s`.
 */
export function plainReporter(print: (line: string) => void, now = Date.now): Report {
  const lastNote = new Map<string, number>();
  return (event) => {
    if (event.state === 'installing') {
      const isSoon = now() - (lastNote.get(event.component) ?? -QUIET_MS) < QUIET_MS;
      if (isSoon) return;
      lastNote.set(event.component, now());
    }
    print(describe(event));
  };
}

/** One event in words. */
export function describe({ component, state, detail }: Progress): string {
  const name = component.padEnd(14);
  switch (state) {
    case 'installing':
      return `${name} ${detail ?? 'installing'}`;
    case 'ready':
      return `${name} ready${detail === undefined ? '' : ` in ${detail}`}`;
    case 'died':
      return `${name} DIED: it ${detail ?? 'ended'}`;
    case 'waiting':
    case 'starting':
    case 'stopping':
    case 'stopped':
      return `${name} ${state}${detail === undefined ? '' : `: ${detail}`}`;
  }
}
