/** What to start: a program in a process group of its own, its output appended to `logFile`. */
export interface Launch {
  file: string;
  args: readonly string[];
  env: Record<string, string>;
  cwd: string;
  logFile: string;
  /** The user to run as, when it is not the launcher's own. */
  uid?: number;
  gid?: number;
}

/** How a process ended; `code` is null when a signal ended it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** From the launcher to the keeper. */
export type Order =
  | { type: 'spawn'; id: number; launch: Launch }
  | { type: 'signal'; id: number; signal: NodeJS.Signals }
  | { type: 'run-at-end'; file: string; args: readonly string[] }
  | { type: 'remove-at-end'; path: string }
  | { type: 'end' };

/** From the keeper to the launcher. */
export type Notice =
  | { type: 'spawned'; id: number; pid: number }
  | { type: 'failed'; id: number; message: string }
  | ({ type: 'exited'; id: number } & Exit);
