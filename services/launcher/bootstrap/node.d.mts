export const NODE_MAJOR: number;
export function isNewEnough(version: string): boolean;
export function ensureNode(report: (line: string) => void): Promise<string>;
