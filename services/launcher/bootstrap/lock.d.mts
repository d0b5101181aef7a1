export type LockResult =
  { release: () => void; heldBy?: undefined } | { heldBy: number; release?: undefined };
export function isAlive(pid: number): boolean;
export function holderOf(file: string): number | undefined;
export function tryLock(file: string): LockResult;
export function withLock<T>(file: string, work: () => Promise<T>): Promise<T>;
