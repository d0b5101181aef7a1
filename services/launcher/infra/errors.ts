import type { Exit } from '../keeper/messages.ts';

/** A component that did not come up. The message has its own last words in it. */
export class StartFailed extends Error {
  readonly component: string;
  readonly logLines: readonly string[];

  constructor(component: string, what: string, logFile: string, logLines: readonly string[]) {
    const words =
      logLines.length === 0
        ? `It wrote nothing to ${logFile}.`
        : `Its last words, from ${logFile}:\n${logLines.map((line) => `    ${line}`).join('\n')}`;
    super(`${component} ${what}. ${words}`);
    this.name = 'StartFailed';
    this.component = component;
    this.logLines = logLines;
  }

  /** Whether somebody else took the port between its choice and its use. */
  get isPortTaken(): boolean {
    return this.logLines.some((line) => PORT_TAKEN.test(line));
  }
}

const PORT_TAKEN =
  /address (is )?already in use|BindException|EADDRINUSE|Could not create server TCP/i;

/** Says how a process ended: `ended with code 1`, `was ended by SIGKILL`. */
export function describeExit({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code ?? 'unknown'}`;
}

/** Something is missing on the machine; the message names it and the command that installs it. */
export class MissingTools extends Error {
  constructor(faults: readonly string[]) {
    super(
      `Not everything that is needed is on this machine:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
    this.name = 'MissingTools';
  }
}
