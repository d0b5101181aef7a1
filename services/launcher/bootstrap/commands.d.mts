export const HELP: string;
export function parseCommand(args: readonly string[]): {
  steps?: string[][];
  help?: true;
  fault?: string;
};
