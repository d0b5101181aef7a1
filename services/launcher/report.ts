import { styleText } from 'node:util';
import type { Progress, Report } from './infra/types.ts';

/** How often a download's progress is worth a line where lines are not overwritten. */
const QUIET_MS = 2000;

/** Shows progress as lines of text, one for each change, for logs and pipes. */
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

/**
 * Shows progress on a terminal: one line for each component, overwritten at each change until all of
 * them stand still. Then, and when one has died, what follows comes below.
 */
export function terminalReporter(stream: NodeJS.WriteStream): Report {
  const last = new Map<string, Progress>();
  let drawn = 0;
  return (event) => {
    const up = drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : '';
    last.set(event.component, event);
    const lines = [...last.values()].map((each) => coloured(each, stream));
    stream.write(`${up}${lines.join('\n')}\n`);
    drawn = lines.length;
    if (event.state === 'died' || [...last.values()].every(standsStill)) {
      last.clear();
      drawn = 0;
    }
  };
}

function standsStill({ state }: Progress): boolean {
  return state === 'ready' || state === 'stopped' || state === 'died';
}

function coloured(event: Progress, stream: NodeJS.WriteStream): string {
  const colour = COLOURS[event.state];
  const text = describe(event);
  // A line that wraps would be two to overwrite.
  const fits = event.state === 'died' || stream.columns < MIN_COLUMNS;
  const line = fits ? text : text.slice(0, stream.columns - 1);
  return colour ? styleText(colour, line, { stream }) : line;
}

/** A terminal that says it is narrower doesn't know its width. */
const MIN_COLUMNS = 20;

const COLOURS: Partial<Record<Progress['state'], 'green' | 'red' | 'gray'>> = {
  ready: 'green',
  died: 'red',
  stopped: 'gray',
};

/** One event in words, such as `kafka          ready in 3.1 s`. */
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

/** The one that fits the stream. */
export function reporterFor(stream: NodeJS.WriteStream): Report {
  return stream.isTTY
    ? terminalReporter(stream)
    : plainReporter((line) => stream.write(`${line}\n`));
}
